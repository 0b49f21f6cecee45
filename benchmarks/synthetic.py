"""Invent as many records as one likes, after the public ones of the Cell Image Library.

Each record has the annotations of a real one. In some, those of one field are of
another record, or one annotation more: so there are ever more sets of terms, as in a
library that grows. Words are drawn from real titles and captions, as often as they
come there, and as many. The same seed gives the same records.

`fill` stores them twice as fast as `EmbeddedLibrary.add_many` does: what follows from
the annotations of a record is worked out once for all that have the same ones. It
writes the same rows.
"""

from __future__ import annotations

import json
import random
import sqlite3
import zipfile
from collections import Counter
from contextlib import closing
from dataclasses import replace
from itertools import accumulate, chain, groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.library import EmbeddedLibrary
from napari_cellib.library.analysis import cut_all
from napari_cellib.library.catalogue import Catalogue
from napari_cellib.library.database import Database
from napari_cellib.library.embedded import CATALOGUE_NAME
from napari_cellib.library.entry import entry_of
from napari_cellib.library.rows import entry_row, of_annotations, of_record, put_terms
from napari_cellib.library.sqlite import writable_engine
from napari_cellib.library.tables import annotation, entry, record
from napari_cellib.library.words import id_key, order_key
from napari_cellib.model import ImageRecord
from napari_cellib.ontology import field_of_cil, normalise_curie

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Table

    from napari_cellib.library.entry import Entry
    from napari_cellib.library.rows import Row
    from napari_cellib.model import Annotation

LIBRARY = "bench"
_TABLES = (record, annotation, entry)
_MOST_KEPT = 10_000
_OTHER_FIELD = 0.15  # of all records have the annotations of a field from elsewhere
_ONE_MORE = 0.05  # have one annotation more
_BATCH = 1_000
_NOT_ANNOTATED = ("IMAGEDESCRIPTION", "TERMSANDCONDITIONS", "TECHNICALDETAILS")
_LICENCES = ("CC-BY-3.0", "CC-BY-NC-SA-3.0", "CC0-1.0")
_KINDS = ("still", "z_stack", "time_series", "video")


def from_cil(archive: Path) -> Iterator[ImageRecord]:
    """Yield the records of the dump with their words and terms, and nothing else."""
    with zipfile.ZipFile(archive) as dump:
        for name in dump.namelist():
            if "/CIL_PUBLIC_DATA/" in name and name.endswith(".json"):
                whole = json.loads(dump.read(name))["CIL_CCDB"]
                core = whole["CIL"]["CORE"]
                number = Path(name).stem
                title = whole.get("Citation", {}).get("Title") or number
                story = core.get("IMAGEDESCRIPTION", {}).get("free_text")
                yield ImageRecord.model_validate(
                    {
                        "id": f"CIL:{number}",
                        "title": title,
                        "description": str(story) if story else None,
                        "annotations": list(_annotations(core)),
                    }
                )


def _annotations(core: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for key, found in core.items():
        if key in _NOT_ANNOTATED:
            continue
        for one in found if isinstance(found, list) else [found]:
            if isinstance(one, dict):
                names = {"id": normalise_curie(str(one.get("onto_id", "")))}
                names |= {"label": one.get("onto_name"), "text": one.get("free_text")}
                term = {key: str(name).strip() for key, name in names.items() if name}
                if term := {key: name for key, name in term.items() if name}:
                    yield {"field": field_of_cil(key), "term": term}


def invented_like(
    real: Sequence[ImageRecord], count: int, seed: int = 1
) -> Iterator[ImageRecord]:
    """Yield records that are made of the parts of real ones, always the same ones."""
    dice = random.Random(seed)
    titles = _Words([record.title for record in real], seed)
    stories = _Words([record.description or "" for record in real], seed + 1)
    fields = [_by_field(record) for record in real]
    variants = [record.model_copy(update=_facts(dice)) for record in real]
    for start in range(0, count, _BATCH):
        chosen = dice.choices(range(len(real)), k=min(_BATCH, count - start))
        texts = zip(titles.like(chosen), stories.like(chosen), strict=True)
        for number, (base, (title, story)) in enumerate(
            zip(chosen, texts, strict=True), start
        ):
            # Parts of records that are valid make a record that is.
            yield variants[base].model_copy(
                update={
                    "id": f"R{number}",
                    "title": title or "Untitled",
                    "description": story or None,
                    "annotations": _varied(dice, fields, base),
                }
            )


def _facts(dice: random.Random) -> dict[str, Any]:
    facts = {
        "id": "R",
        "title": "Facts",
        "licence": {"spdx": dice.choice(_LICENCES)},
        "kinds": [dice.choices(_KINDS, (80, 10, 7, 3))[0]],
        "dates": {"published": f"{dice.randrange(2010, 2026)}"},
    }
    record = ImageRecord.model_validate(facts)
    return {name: getattr(record, name) for name in ("licence", "kinds", "dates")}


Fields = dict[str, tuple["Annotation", ...]]


def _by_field(record: ImageRecord) -> Fields:
    notes = sorted(record.annotations, key=lambda note: note.field.value)
    by_field = groupby(notes, key=lambda note: note.field.value)
    return {field: tuple(found) for field, found in by_field}


def _varied(
    dice: random.Random, fields: Sequence[Fields], base: int
) -> tuple[Annotation, ...]:
    notes = fields[base]
    luck = dice.random()
    if luck < _OTHER_FIELD + _ONE_MORE:
        other = dice.choice(fields)
        if other:
            field = dice.choice(list(other))
            if luck < _OTHER_FIELD:
                notes = {**notes, field: other[field]}
            else:
                more = dice.choice(other[field])
                notes = {**notes, field: (*notes.get(field, ()), more)}
    return tuple(note for found in notes.values() for note in found)


class _Words:
    """Words of some texts, drawn as often as they come there."""

    def __init__(self, texts: Sequence[str], seed: int) -> None:
        counts = Counter(word for text in texts for word in text.split())
        self._words = np.array(list(counts), dtype=object)
        self._ends = np.array(list(accumulate(counts.values())))
        self._lengths = [len(text.split()) for text in texts]
        self._dice = np.random.default_rng(seed)

    def like(self, chosen: Sequence[int]) -> Iterator[str]:
        """Yield a text for each of the texts with these numbers, of its length."""
        lengths = [self._lengths[number] for number in chosen]
        drawn = self._dice.integers(0, self._ends[-1], sum(lengths))
        words = self._words[np.searchsorted(self._ends, drawn, side="right")].tolist()
        start = 0
        for length in lengths:
            yield " ".join(words[start : start + length])
            start += length


# ------------------------------------------------------------------------ storing


def fill(folder: Path, records: Iterable[ImageRecord]) -> None:
    """Make a library of new records that share their annotations."""
    EmbeddedLibrary.create(folder, id=LIBRARY, name="Benchmark").close()
    path = folder / CATALOGUE_NAME
    maker, count = _RowMaker(), 0
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA synchronous = OFF")
        database.execute("PRAGMA cache_size = -400000")  # kB
        records = iter(records)
        while batch := list(islice(records, _BATCH)):
            rows = [maker.rows(item, n) for n, item in enumerate(batch, count + 1)]
            database.execute("BEGIN")
            for table, found in zip(_TABLES, zip(*rows, strict=True), strict=True):
                _insert(database, table, chain.from_iterable(found))
            database.execute("COMMIT")
            count += len(batch)
        database.execute("UPDATE counter SET value = ? WHERE name = 'change'", (count,))
    engine = writable_engine(path, busy_timeout_s=10)
    catalogue = Catalogue(Database(engine, str(folder)))
    with engine.execution_options(writes=True).begin() as connection:
        put_terms(connection, maker.noted)
        catalogue.hierarchy.learn(connection, maker.noted)
    catalogue.close()


def _insert(database: sqlite3.Connection, table: Table, rows: Iterable[Row]) -> None:
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    values = ", ".join(f":{column.name}" for column in table.columns)
    insert = f"INSERT INTO {table.name} ({columns}) VALUES ({values})"
    database.executemany(insert, rows)


class _RowMaker:
    """Makes the rows of new records, and keeps what follows from annotations alone.

    Attributes
    ----------
    noted : list of ImageRecord
        Records with all annotations that there were.
    """

    def __init__(self) -> None:
        self.noted: list[ImageRecord] = []
        self._kept: dict[object, tuple[Entry, list[Row]]] = {}

    def rows(self, item: ImageRecord, number: int) -> tuple[list[Row], ...]:
        """Return the rows of a record in `_TABLES`."""
        item = item.model_copy(update={"library": LIBRARY})
        key = (id(item.licence), *map(id, item.annotations))
        kept = self._kept.get(key)
        if kept is None:
            kept = entry_of(item), of_annotations(item, 0)
            if len(self._kept) < _MOST_KEPT:
                self._kept[key] = kept
                self.noted.append(item)
        made = replace(
            kept[0],
            title=cut_all([item.title]),
            text=cut_all(filter(None, [item.description])),
            ids=[id_key(item.id), *kept[0].ids[1:]],
            title_order=f"{order_key(item.title)}\t{item.id}",
        )
        record = of_record(item) | {"number": number, "change": number, "revision": 1}
        notes = [note | {"record": number} for note in kept[1]]
        return [record], notes, [entry_row(made, number)]
