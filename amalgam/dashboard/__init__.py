"""A read-only page of what all programs hold, live in a browser: `amalgam dashboard`."""
