from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib.model import Status, Study
from napari_cellib.testing import a_record

if TYPE_CHECKING:
    from napari_cellib.library import EmbeddedLibrary


def test_studies_are_listed_by_title_with_their_images(
    library: EmbeddedLibrary,
) -> None:
    library.add_study(Study(id="S-BIAD1", title="Wing discs", accession="S-BIAD1"))
    library.add_study(Study(id="empty", title="Nothing yet"))
    library.add(a_record("CLB000001X", study="S-BIAD1", study_title="as it was"))
    library.add(a_record("CLB0000028", study="S-BIAD1", status=Status.SUBMITTED))
    library.add(a_record("CLB0000036", study="mitosis", study_title="Mitosis of HeLa"))
    library.add(a_record("CLB0000044", study="unnamed"))
    library.add(a_record("CLB0000052"))

    assert [(one.id, one.title, one.image_count) for one in library.studies()] == [
        ("mitosis", "Mitosis of HeLa", 1),
        ("empty", "Nothing yet", 0),
        ("unnamed", "unnamed", 1),
        ("S-BIAD1", "Wing discs", 2),
    ]


def test_what_an_image_would_be_shown_with_is_known_before_it_is_there(
    library: EmbeddedLibrary,
) -> None:
    library.add(a_record("CLB000001X", "A", study="mitosis"))
    library.add(a_record("CLB0000028", "B", group="cell 7"))
    library.add(a_record("CLB0000036", "C", group="CLB0000028"))
    library.add(a_record("CLB0000044", "D", group="cell 7", status=Status.SUBMITTED))

    def together(study: str | None, group: str | None) -> list[str]:
        return [one.title for one in library.together(study, group)]

    assert together(None, None) == []
    assert together("mitosis", "cell 7") == ["A", "B"]
    assert together(None, "CLB0000028") == ["B", "C"]
