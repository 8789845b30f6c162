"""Pages of providers, requirements, applications and decisions."""
