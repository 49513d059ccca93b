"""Scenarios that planners keep: records, who may see them, the work asked for them."""
