"""The engine: placements, verified facts and payment models in; owed occurrences out, and on request their checks."""
