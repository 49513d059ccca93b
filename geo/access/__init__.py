"""Access on foot. Until a street network is loaded, minutes are estimated from straight lines."""
