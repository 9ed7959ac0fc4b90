"""Commands of batteries and their members."""
