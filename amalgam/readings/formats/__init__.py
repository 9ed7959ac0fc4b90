"""A reader for each format. Each tells by a file's content whether it is of its format."""
