"""How large a community's battery should be: a year of readings through batteries of several sizes."""
