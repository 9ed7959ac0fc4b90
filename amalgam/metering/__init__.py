"""Meters and the tokens that they bring: the program energy_metering."""
