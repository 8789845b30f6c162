"""Random placements of the database compared with the plain reader of the tests."""
