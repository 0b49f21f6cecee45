"""How an image is cited, and described for those who collect descriptions.

`styles.py` lists all the forms; each other module writes one of them. In words, BibTeX
and RIS are in `model/citation.py`.
"""

from __future__ import annotations

from napari_cellib.citing.styles import STYLES, Style, cite

__all__ = ["STYLES", "Style", "cite"]
