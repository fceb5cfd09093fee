"""The HTTP edge: verify, parse, hand on, answer. Imports no engine."""
