"""Commands of markets."""
