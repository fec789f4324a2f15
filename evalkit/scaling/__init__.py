"""Scaling laws: how a loss or an error falls with a model's size, its data and its compute.

Points (models with their sizes and what they scored) in; a fitted law with intervals, forecasts, the compute-optimal
frontier and the papers' constants beside it out.
"""
