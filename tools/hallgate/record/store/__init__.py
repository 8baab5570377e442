"""Stores of records behind one port: what is kept, found again and erased."""
