"""Image files that are no OME-Zarr: what they are, and their pixels plane by plane.

Start with `source.py`: what every reader returns. `kinds.py` tells files apart by their
first bytes, never by their names. `../converting.py` chooses a reader and writes.
"""
