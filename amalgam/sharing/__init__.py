"""How a community shares: by a key, then its battery, then the grid; and what that is worth."""
