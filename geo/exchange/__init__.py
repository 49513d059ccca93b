"""Importers and exporters: one module a format or a source."""
