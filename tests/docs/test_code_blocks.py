"""The code in the README and in the pages of the documentation runs.

A ``python`` block runs as it stands, after the blocks above it on the page, in an
empty folder and with the demo library as the user's own; `viewer` is a napari viewer.
In a ``console`` block each line that begins with ``$ cellib`` runs and succeeds, and
what follows must be printed. A ``text`` block right below a ``python`` block must be
printed by it. ``...`` stands for anything. ``sh`` blocks open windows or install
packages; the ``cellib`` commands in them must at least be understood.
"""

from __future__ import annotations

import doctest
import gc
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from napari_cellib import cli

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKOUT = Path(__file__).resolve().parents[2]
PAGES = sorted([CHECKOUT / "README.md", *(CHECKOUT / "docs").rglob("*.md")])

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>\w+)[^\n]*\n(?P<code>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
_LENIENT = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True)
class Block:
    """A piece of code in a page."""

    line: int
    language: str
    code: str
    printed: str | None = None  # the text block right below it


def blocks(page: Path) -> list[Block]:
    """Return the pieces of code of a page, in their order."""
    text = page.read_text("utf-8")
    found: list[Block] = []
    end = 0
    for match in _FENCE.finditer(text):
        code = re.sub(rf"^{match['indent']}", "", match["code"], flags=re.MULTILINE)
        line = text.count("\n", 0, match.start()) + 1
        if (
            match["language"] == "text"
            and found
            and not text[end : match.start()].strip()
        ):
            last = found[-1]
            found[-1] = Block(last.line, last.language, last.code, code)
        else:
            found.append(Block(line, match["language"], code))
        end = match.end()
    return found


def pages_with(*languages: str) -> list[Any]:
    return [
        pytest.param(page, id=page.relative_to(CHECKOUT).as_posix())
        for page in PAGES
        if any(block.language in languages for block in blocks(page))
    ]


def commands(block: Block) -> Iterator[tuple[list[str], str]]:
    """Yield the arguments of each ``cellib`` in a console block, and its output."""
    for part in re.split(r"^\$ ", block.code, flags=re.MULTILINE)[1:]:
        command, _, printed = part.partition("\n")
        words = shlex.split(command, comments=True)
        if words[0] == "cellib":
            yield words[1:], printed


def assert_printed(expected: str, printed: str, where: str) -> None:
    checker = doctest.OutputChecker()
    if not checker.check_output(expected, printed, _LENIENT):
        example = doctest.Example("", expected)
        difference = checker.output_difference(example, printed, _LENIENT)
        pytest.fail(f"{where} prints something else\n{difference}")


@pytest.mark.parametrize("page", pages_with("python"))
def test_the_python_of_a_page_runs(page, demo_here, capsys, request):
    names: dict[str, Any] = {"__name__": "page"}
    for block in blocks(page):
        if block.language != "python":
            continue
        if re.search(r"\bviewer\b", block.code) and "viewer" not in names:
            names["viewer"] = request.getfixturevalue("make_napari_viewer")()
        where = f"{page.name}:{block.line}"
        capsys.readouterr()
        # As many lines above it as in the page, so that a traceback names the line.
        exec(compile("\n" * block.line + block.code, where, "exec"), names)
        if block.printed is not None:
            assert_printed(block.printed, capsys.readouterr().out, where)
    for value in names.values():
        if hasattr(value, "__exit__") and hasattr(value, "close"):
            value.close()
    names.clear()
    gc.collect()


@pytest.mark.parametrize("page", pages_with("console"))
def test_the_commands_of_a_page_run_and_print_what_it_says(page, demo_here, capsys):
    for block in blocks(page):
        if block.language != "console":
            continue
        for arguments, expected in commands(block):
            capsys.readouterr()
            code = cli.main(arguments)
            printed = capsys.readouterr()
            where = f"{page.name}:{block.line}: cellib {shlex.join(arguments)}"
            assert code == 0, f"{where}\n{printed.err}"
            if expected.strip():
                assert_printed(expected, printed.out, where)


@pytest.mark.parametrize("page", pages_with("sh"))
def test_the_commands_of_a_page_that_open_windows_are_understood(page):
    for block in blocks(page):
        if block.language != "sh":
            continue
        for line in block.code.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] == ["cellib"]:
                cli._parser().parse_args(words[1:])
