"""Pages of scorecards and the effect analysis."""
