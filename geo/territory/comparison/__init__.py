"""Zones beside each other: rows, classes, need against offer."""
