"""From layers or files to a citable record."""
