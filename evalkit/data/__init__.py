"""Data: rows from the hub, from a folder, or from the samples that come with the package."""
