"""Links between our own files lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
TEXTS = sorted([*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md")])

_CODE = re.compile(r"^ *```.*?^ *```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_LINK = re.compile(
    r"\]\(([^()\s]+)(?:\s+\"[^\"]*\")?\)|(?:src|srcset|href)=\"([^\"]+)\""
)
_INCLUDE = re.compile(r'^--8<-- "(.+)"$', re.MULTILINE)


def links(path: Path) -> list[str]:
    text = _CODE.sub("", path.read_text("utf-8"))
    return [first or second for first, second in _LINK.findall(text)]


def anchors(path: Path) -> set[str]:
    """Return the names of the headings of a page, as mkdocs and GitHub make them."""
    text = re.sub(r"^```.*?^```$", "", path.read_text("utf-8"), flags=re.M | re.S)
    names = set()
    for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        plain = re.sub(r"[^\w\s-]", "", heading).strip().lower()
        names.add(re.sub(r"[\s]+", "-", plain))
    names |= set(re.findall(r"\{ ?#([\w-]+) ?\}", text))
    return names | set(re.findall(r"^::: (\S+)$", text, re.MULTILINE))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_local_links_lead_to_files_and_headings(path):
    for link in links(path):
        if re.match(r"^[a-z]+:", link):
            continue
        name, _, anchor = unquote(link).partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), f"{path.name} links to {link}"
        assert target.is_relative_to(CHECKOUT), f"{path.name} links to {link}"
        if anchor:
            assert anchor in anchors(target), f"{path.name} links to {link}"


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_included_files_exist(path):
    for name in _INCLUDE.findall(path.read_text("utf-8")):
        assert (CHECKOUT / name).is_file(), name


def test_every_picture_of_the_tour_is_shown_somewhere():
    shown = {Path(link).name for path in TEXTS for link in links(path)}
    there = {path.name for path in (CHECKOUT / "docs" / "pictures").glob("*.png")}

    assert there <= shown
