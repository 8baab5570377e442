"""OPA behind a small port: bundles in, complete answers or errors out."""
