"""Readings as they arrive: one reader a format, what is missing or told twice, and whole base units."""
