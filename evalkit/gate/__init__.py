"""The gate: is a candidate no worse than a baseline? Two runs, or a run and a committed baseline, in; a verdict out."""
