"""Prompts: Jinja files in, the exact text that a model sees out."""
