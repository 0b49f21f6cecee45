from __future__ import annotations

import re
from pathlib import Path

from napari_cellib import deposit

DOCS = Path(__file__).parents[3] / "docs" / "how-to" / "describe-images.md"


def test_every_check_of_drafts_and_tables_is_named_in_the_documentation():
    files = Path(deposit.__file__).parent.rglob("*.py")
    code = "".join(file.read_text(encoding="utf-8") for file in files)
    # Those for terms that are missing stand in a table, with the field.
    ids = set(re.findall(r'(?:error|advice)\(\s*"([a-z-]+)"', code))
    ids |= set(re.findall(r'"([a-z-]+-missing)"', code))

    text = DOCS.read_text(encoding="utf-8")
    assert len(ids) > 40
    assert [name for name in sorted(ids) if f"`{name}`" not in text] == []
