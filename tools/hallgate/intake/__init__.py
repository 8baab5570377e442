"""Bytes to valid values: strict parsers, schemas, and a reader for each document."""
