"""What a pipeline says of itself, kept as evidence; no network is asked."""
