"""What the graphics of napari need so as not to crash."""

from __future__ import annotations

from typing import Any

from qtpy.QtOpenGLWidgets import QOpenGLWidget


def make_current(viewer: Any) -> None:
    """Let what is done to graphics from now on be done to those of a viewer's canvas.

    To be called before a layer is removed. napari 0.9 then deletes its buffers at
    once, outside of any drawing, in whatever context of OpenGL is the current one:
    mostly that in which Qt puts its windows together. The canvas shares these buffers,
    still has them in use, and crashes when it draws the next time.

    Parameters
    ----------
    viewer : napari.Viewer or napari.components.ViewerModel
        Nothing is done for one without a window.
    """
    window = getattr(getattr(viewer, "window", None), "_qt_window", None)
    if window is not None:
        for canvas in window.findChildren(QOpenGLWidget):
            canvas.makeCurrent()
