"""Mutation testing of Rego: each small change of a policy must be noticed by some test."""
