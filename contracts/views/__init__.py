"""Pages of contracts and payment models."""
