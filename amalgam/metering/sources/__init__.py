"""Where a meter's register is read."""
