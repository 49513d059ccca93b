"""Editions of zones: which are valid, which kind plays which level, and how one lies over another."""
