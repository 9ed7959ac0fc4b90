"""The virtual power plant: the program virtual_power_plant."""
