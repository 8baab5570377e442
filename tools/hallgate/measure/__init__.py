"""Artifacts and foreign reports become evidence: measured, counted, never guessed.

Every measuring function returns a complete predicate (`hallgate.measure.context`); the
caller builds the in-toto statement around it, signs it and reads the clock.
"""
