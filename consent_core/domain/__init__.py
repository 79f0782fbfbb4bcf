"""The rules of marketing consent: pure, without clock, randomness, files or network."""
