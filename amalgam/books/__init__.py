"""The books: an append-only database of what all programs have done, filled from finalized blocks."""
