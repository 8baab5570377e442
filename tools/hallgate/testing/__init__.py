"""The test harness: scenarios, Rego tests and schema fixtures as pytest items."""
