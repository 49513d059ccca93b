"""Indicators and their figures: catalogue, adding up, what is computed here, the profile of a zone."""
