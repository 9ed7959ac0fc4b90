"""Commands of virtual power plants."""
