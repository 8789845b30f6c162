"""Pages of scorecards, reviews and the effect analysis."""
