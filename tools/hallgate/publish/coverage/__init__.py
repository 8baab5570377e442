"""Coverage of frameworks: every control of the register, with what proves it."""
