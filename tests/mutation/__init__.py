"""Mutation testing of the Python program: `python -m tests.mutation` says what it does."""
