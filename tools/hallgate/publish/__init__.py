"""Bundle, report and docs: what others read."""
