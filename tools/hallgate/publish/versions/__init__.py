"""Versions that mean something: what a new bundle may deny, and the version it therefore needs."""
