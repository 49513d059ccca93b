"""Figures from files as publishers give them: read by a profile, checked, and merged without overwriting."""
