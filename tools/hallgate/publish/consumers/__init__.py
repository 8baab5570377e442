"""What a consuming team needs: a plain directory for OPA, configurations, and a lint of theirs."""
