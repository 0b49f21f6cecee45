from __future__ import annotations

import re
from pathlib import Path

from napari_cellib.pixels import checking

DOCS = Path(__file__).parents[3] / "docs" / "reference" / "command-line.md"


def test_every_check_is_named_in_the_documentation():
    files = Path(checking.__file__).parent.glob("*.py")
    code = "".join(file.read_text(encoding="utf-8") for file in files)
    ids = set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', code))

    text = DOCS.read_text(encoding="utf-8")
    assert len(ids) > 15
    assert [name for name in ids if f"`{name}`" not in text] == []
