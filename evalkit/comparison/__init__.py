"""Two runs or more side by side: their numbers paired item by item, and whatever else differs said."""
