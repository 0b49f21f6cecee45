"""Regions of an image as a viewer draws them, without Qt and without napari.

`frame` says which numbers of a corner are which axes, `placing` turns regions into
corners and back, `words` says what is written beside them, `table` finds those in view,
and `drawn` tells what a person did to them.
"""
