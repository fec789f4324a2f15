"""Contamination: which evaluation items stand in a training corpus, and what that means for their scores."""
