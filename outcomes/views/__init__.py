"""Pages about participants and about what waits."""
