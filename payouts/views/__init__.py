"""Pages of runs and placements, and of trying payment models."""
