"""The command line: the only floor that reads the clock, wires adapters and prints."""
