"""Is it valid? OME-Zarr metadata held against the letter of the specification.

Opening an image is patient with metadata; here nobody is. Start with `attributes.py`.
"""
