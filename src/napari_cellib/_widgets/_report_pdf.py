"""A report page as PDF, drawn by Qt, which writes text as text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QSize, QUrl
from qtpy.QtGui import (
    QImage,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextDocument,
)
from qtpy.QtSvg import QSvgRenderer

from napari_cellib.jobs import Job, Progress
from napari_cellib.library.files import write_file

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellib.compare.comparing import Compared

_SVG = re.compile(r"<svg .*?</svg>", re.DOTALL)
_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
_SHARP = 3  # pixels per pixel of the page, so that lines stay thin on paper
_SMALLER = 0.82  # so that two pictures stand beside one another
# What Qt knows of style sheets; sizes in points, since pixels of paper are tiny.
_PAPER = """
body { font-family: sans-serif; font-size: 10pt; }
h1 { font-size: 16pt; } h2 { font-size: 12pt; }
th, td { font-size: 9pt; }
.small { font-size: 8pt; color: #333; }
"""

_PLAINER = {
    "<table>": '<table cellspacing="0" cellpadding="3">',
    "<th>": '<th align="left">',
    '<td class="n">': '<td align="right">',
}


def save_pdf(compared: Compared, path: Path) -> Job[None]:
    """Write a comparison as PDF; nothing of it needs the thread of the screen.

    Parameters
    ----------
    compared : Compared
        What was measured.
    path : pathlib.Path
        A file; what was there is replaced.

    Raises
    ------
    StorageFull, LibraryReadOnly
        When it cannot be written.
    """
    yield Progress("Writing the report")
    from napari_cellib.compare.report import report_html

    content = pdf_of(report_html(compared))
    yield Progress("Writing the report")
    write_file(path, content)


def pdf_of(html: str) -> bytes:
    """Return a page of HTML, whose pictures are within it as SVG, as a PDF file."""
    page = _Page()
    page.setDefaultStyleSheet(_PAPER)
    for own, others in _PLAINER.items():
        html = html.replace(own, others)
    page.setHtml(_SVG.sub(page.keep, _STYLE.sub("", html)))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF())  # it leaves two centimeters by itself
    writer.setTitle(page.metaInformation(QTextDocument.MetaInformation.DocumentTitle))
    # Each binding has its own name for it.
    (getattr(page, "print_", None) or page.print)(writer)
    buffer.close()
    return bytes(buffer.data().data())


class _Page(QTextDocument):
    """A page that loads nothing but the pictures that it has drawn itself."""

    def __init__(self) -> None:
        super().__init__()
        self._pictures: dict[str, QImage] = {}

    def keep(self, found: re.Match[str]) -> str:
        """Draw an SVG, and return what stands for it in HTML."""
        renderer = QSvgRenderer(
            QByteArray(found[0].replace("currentColor", "black").encode())
        )
        size = renderer.defaultSize()
        name = f"picture:{len(self._pictures)}"
        self._pictures[name] = _drawn(renderer, size)
        width, height = (round(n * _SMALLER) for n in (size.width(), size.height()))
        return f'<img src="{name}" width="{width}" height="{height}"> '

    def loadResource(self, kind: int, name: QUrl) -> Any:
        """Return one of the pictures, and nothing that lies elsewhere."""
        return self._pictures.get(name.toString())


def _drawn(renderer: QSvgRenderer, size: QSize) -> QImage:
    image = QImage(size * _SHARP, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    return image
