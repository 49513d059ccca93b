"""Measurements against the ceiling, on the machine at hand. Not tests: figures depend on the machine."""
