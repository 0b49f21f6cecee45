"""An index of tantivy that several programs use: what the contract does not say."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from napari_cellib.library import EmbeddedLibrary
from napari_cellib.library.search.tantivy_index import SearchIndex
from napari_cellib.library.search.tantivy_store import IndexStore
from napari_cellib.model import ImageRecord, Query

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellib.jobs import Job


class BegunAnew(SearchIndex):
    """An index that another program begins to build anew before it can answer."""

    def catch_up(self) -> Job[bool]:
        done = yield from super().catch_up()
        other = IndexStore(self._store.folder, self._catalogue.uuid())
        other.discard()
        other.index()
        return done


def test_while_another_program_builds_it_anew_the_answer_is_not_taken_for_whole(
    tmp_path: Path,
) -> None:
    made = EmbeddedLibrary.create(tmp_path / "lab", id="lab", name="Lab")
    with closing(made) as library:
        library.add(ImageRecord(id="one", title="Nuclei"))
        folder = library.folder / "index"
        index = BegunAnew(library._catalogue, "lab", folder, str(folder))
        with closing(index):
            found = index.search(Query(text="nuclei"))
        assert (found.total, len(found.warnings)) == (0, 1)
        page = library.search(Query(text="nuclei"))
        assert (page.total, page.warnings) == (1, ())
