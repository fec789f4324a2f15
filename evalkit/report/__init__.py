"""Reports: a run folder in, something to read out."""
