"""To and from other tools: a run folder to their formats, and their results to a run folder. One file per format."""
