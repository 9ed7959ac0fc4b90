"""Offers and auctions: the program energy_market."""
