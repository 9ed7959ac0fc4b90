"""Communities played through: readings, their replay, a day of all programs, a village's week, charts."""
