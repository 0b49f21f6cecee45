"""What is shown of two images beside one another, and what is decided there.

`sides.py` reads a plane of a layer, `model.py` is what the panel shows.
"""
