"""Colours that are made of the theme's own, so that they fit every theme."""

from __future__ import annotations

from qtpy.QtGui import QColor, QPalette


def blend(back: QColor, front: QColor, share: float) -> QColor:
    """Return the colour that is `share` of the way from `back` to `front`."""
    return QColor(
        *(
            round(b + (f - b) * share)
            for b, f in (
                (back.red(), front.red()),
                (back.green(), front.green()),
                (back.blue(), front.blue()),
            )
        )
    )


def background(palette: QPalette) -> QColor:
    """Return the colour behind everything."""
    return palette.color(QPalette.ColorRole.Window)


def text(palette: QPalette) -> QColor:
    """Return the colour of what is to be read first."""
    return palette.color(QPalette.ColorRole.WindowText)


def muted(palette: QPalette) -> QColor:
    """Return the colour of what stands back: still 4.5 to 1 against the background."""
    return blend(background(palette), text(palette), 0.68)


def raised(palette: QPalette) -> QColor:
    """Return the colour of a badge, or of a card under the mouse."""
    return blend(background(palette), text(palette), 0.09)


def outline(palette: QPalette) -> QColor:
    """Return the colour of thin lines."""
    return blend(background(palette), text(palette), 0.22)


def accent(palette: QPalette) -> QColor:
    """Return a blue, light or dark enough to be read on the background."""
    dark = background(palette).lightness() < 128
    return QColor("#8fb4ff") if dark else QColor("#1f4fb4")


def contrast_ratio(one: QColor, other: QColor) -> float:
    """Return the contrast of two colours as the WCAG defines it, 1 to 21."""
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(color: QColor) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (color.redF(), color.greenF(), color.blueF())
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
