"""Pages that belong to no app above."""
