"""Personal data that a microscope or a program has put into a file."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from napari_cellib.deposit.checks.found import advice
from napari_cellib.deposit.checks.private import check_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_cellib.model import Problem

# Formats keep what they say of an image at their beginning or at their end.
_END_BYTES = 128 << 10
_DOCUMENTS = ("zarr.json", ".zattrs", "OME/METADATA.ome.xml", "OME/zarr.json")
# A run of letters, in one byte each or in two: pixels have none of this length.
_TEXT = re.compile(rb"[\t\r\n\x20-\x7e]{24,}")
_WIDE = re.compile(rb"(?:[\t\r\n\x20-\x7e]\x00){24,}")
# How OME-XML and the formats of microscopes name who sat there.
_NAMED = re.compile(
    r"<(?:\w+:)?Experimenter\b[^>]*?\b(?:FirstName|LastName|UserName|DisplayName)="
    r"\"([^\"]+)\""
    r"|<(?:\w+:)?(?:UserName|UserDisplayName|Operator|OwnerName)>([^<]+)<",
)
# Said of what nobody has filled in, or of a machine.
_NOBODY = re.compile(
    r"(?:default|admin\w*|.*\buser\d*|unknown|system|n/?a|zeiss|.)?", re.I
)


def check_metadata(path: Path) -> list[Problem]:
    """Look through what a file says of itself, before others can read it.

    Parameters
    ----------
    path : pathlib.Path
        A file, an OME-Zarr, or a folder of files.

    Returns
    -------
    list of Problem
        Advice, each kind once.
    """
    found: dict[str, Problem] = {}
    for text in _texts(path):
        for problem in _private(text, path.name):
            found.setdefault(problem.id, problem)
    return list(found.values())


def _private(text: str, where: str) -> Iterator[Problem]:
    yield from check_text(text, where)
    for match in _NAMED.finditer(text):
        name = (match[1] or match[2]).strip()
        if not _NOBODY.fullmatch(name):
            yield advice(
                "private-name",
                where,
                f"Its metadata name the person at the microscope, {name}.",
                "Ask the person, or save the file anew without it.",
            )


def _texts(path: Path) -> Iterator[str]:
    """Yield the texts in a file, without knowing its format."""
    try:
        if path.is_dir():
            parts = [path / name for name in _DOCUMENTS]
            if not any(part.is_file() for part in parts):
                parts = sorted(path.iterdir())[:100]
            for part in parts:
                if part.is_file():
                    yield from _texts(part)
            return
        with path.open("rb") as file:
            ends = [file.read(_END_BYTES)]
            size = os.fstat(file.fileno()).st_size
            if size > _END_BYTES:
                file.seek(max(_END_BYTES, size - _END_BYTES))
                ends.append(file.read(_END_BYTES))
    except OSError:
        return  # whoever deposits it is told
    for content in ends:
        for match in _TEXT.finditer(content):
            yield match[0].decode("ascii")
        for match in _WIDE.finditer(content):
            yield match[0].decode("utf-16-le")
