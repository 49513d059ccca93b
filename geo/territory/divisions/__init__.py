"""Divisions of the region: what they are made of, proposing them, weighing them, ranking them."""
