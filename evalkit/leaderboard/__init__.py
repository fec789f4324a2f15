"""A static site from any number of runs: models by tasks, with intervals, rank ranges and history."""
