"""Documents to input to engine to Decision; replay."""
