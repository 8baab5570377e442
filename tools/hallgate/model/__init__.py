"""Frozen values, outcomes and errors; standard library only."""
