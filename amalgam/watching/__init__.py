"""What all programs hold at a moment, what of it needs somebody's attention, and how they are told."""
