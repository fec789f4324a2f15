"""Models: text in, token ids and log-probabilities out. A registry of the kinds that can be loaded by name."""
