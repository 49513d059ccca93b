"""Walking: who walks and how fast, minutes between places, ways told in plain words."""
