"""Spreadsheets of teams: what they hand in, and what they take home."""
