"""Colours that are made of the theme's own, so that they fit every theme."""

from __future__ import annotations

from qtpy.QtGui import QColor, QPalette


def blend(back: QColor, front: QColor, share: float) -> QColor:
    """Return the colour that is `share` of the way from `back` to `front`."""
    pairs = zip(back.getRgb()[:3], front.getRgb()[:3], strict=True)
    return QColor(*(round(b + (f - b) * share) for b, f in pairs))


def background(palette: QPalette) -> QColor:
    """Return the colour behind everything."""
    return palette.color(QPalette.ColorRole.Window)


def text(palette: QPalette) -> QColor:
    """Return the colour of what is to be read first."""
    return palette.color(QPalette.ColorRole.WindowText)


def muted(palette: QPalette) -> QColor:
    """Return the colour of what stands back, and can still be read."""
    return blend(background(palette), text(palette), 0.80)


def raised(palette: QPalette) -> QColor:
    """Return the colour of a badge, or of a card under the mouse."""
    return blend(background(palette), text(palette), 0.10)


def selected(palette: QPalette) -> QColor:
    """Return the colour behind the card that is chosen."""
    return blend(background(palette), text(palette), 0.16)


def outline(palette: QPalette) -> QColor:
    """Return the colour of thin lines."""
    return blend(background(palette), text(palette), 0.24)


def wrong(palette: QPalette) -> QColor:
    """Return the colour of what must be mended."""
    return _readable(palette, QColor("#b3261e"), QColor("#ff9a8f"))


def odd(palette: QPalette) -> QColor:
    """Return the colour of what should be looked at."""
    return _readable(palette, QColor("#7a5200"), QColor("#f2c46d"))


def fine(palette: QPalette) -> QColor:
    """Return the colour of what is as it should be."""
    return _readable(palette, QColor("#1d6b33"), QColor("#8fd6a0"))


def _readable(palette: QPalette, dark: QColor, bright: QColor) -> QColor:
    back = background(palette)
    return max(dark, bright, key=lambda color: contrast_ratio(back, color))


def contrast_ratio(one: QColor, other: QColor) -> float:
    """Return the contrast of two colours as the WCAG defines it, 1 to 21."""
    dim, bright = sorted((_luminance(one), _luminance(other)))
    return (bright + 0.05) / (dim + 0.05)


def _luminance(color: QColor) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (color.redF(), color.greenF(), color.blueF())
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
