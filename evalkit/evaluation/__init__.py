"""The walk from a task and a model to samples and results."""
