"""The shared battery of energy, water or waste: the program energy_allocation."""
