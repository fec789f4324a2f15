"""Tasks: TOML files in, `Task` out; and the examples of a task from the rows of its data."""
