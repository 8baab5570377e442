"""Signed, reproducible policy bundles, one for each track."""
