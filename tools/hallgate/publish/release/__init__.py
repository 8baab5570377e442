"""A release: what is checked before, built twice, and how anybody builds it again."""
