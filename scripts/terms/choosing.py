"""Which terms of each ontology the store that comes with the program has."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from packages import CellxgenePackage, Entry, TaxonPackage, below_counts

from napari_cellib.ontology.aliases import everyday_names
from napari_cellib.ontology.curies import prefix_of
from napari_cellib.ontology.normalising import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HERE = Path(__file__).resolve().parent
SELECTION = tomllib.loads((HERE / "selection.toml").read_text("utf-8"))
Entries = dict[str, Entry]

# Those of which there is nothing here but what one archive tells.
UNSOURCED = {
    "DOID": ("Human Disease Ontology", "CC0-1.0"),
    "EHDAA": ("Human Developmental Anatomy", "not stated"),
    "EMAP": ("Mouse Gross Anatomy and Development", "CC-BY-3.0"),
    "FMA": ("Foundational Model of Anatomy", "CC-BY-4.0"),
    "MCC": ("Cell lines of the Cell Image Library", "not stated"),
    "IDO": ("Infectious Disease Ontology", "CC-BY-3.0"),
    "PO": ("Plant Ontology", "CC-BY-4.0"),
    "XAO": ("Xenopus Anatomy Ontology", "CC-BY-3.0"),
}


def table(name: str) -> Iterator[list[str]]:
    """Yield the rows of a table of facts."""
    for line in (HERE / name).read_text("utf-8").splitlines():
        if not line.startswith("#"):
            yield line.split("\t")


def with_above(entries: Entries, wanted: Iterable[str]) -> Entries:
    """Return the `wanted` terms that exist, and all above them."""
    found: Entries = {}
    waiting = [curie for curie in wanted if curie in entries]
    while waiting:
        curie = waiting.pop()
        if curie not in found:
            found[curie] = entries[curie]
            waiting += [up for up, _ in entries[curie].parents if up in entries]
    return found


def below(entries: Entries, root: str) -> set[str]:
    """Return all terms from which a way leads up to `root`."""
    return {c for c in entries if root in with_above(entries, [c])}


def with_obsolete(chosen: Entries, entries: Entries) -> Entries:
    """Return the `chosen` terms and the obsolete ones that they replace."""
    gone = {c: e for c, e in entries.items() if e.obsolete and e.replaced_by in chosen}
    return gone | chosen


class Matcher:
    """Finds the one term of a name, for terms of which we have only the name."""

    def __init__(self, *ontologies: Entries) -> None:
        self._labels: dict[str, set[str]] = {}
        self._names: dict[str, set[str]] = {}
        for entry in (e for entries in ontologies for e in entries.values()):
            if not entry.obsolete:
                self._labels.setdefault(fold(entry.label), set()).add(entry.curie)
                for name, scope in entry.names:
                    if scope == "exact":
                        self._names.setdefault(fold(name), set()).add(entry.curie)

    def find(self, name: str) -> str | None:
        """Return its identifier, if there is exactly one."""
        for names in (self._labels, self._names):
            found = names.get(fold(name), set())
            if len(found) == 1:
                return next(iter(found))
        return None


def fbbi() -> Entries:
    """Return FBbi from its table."""
    found = {}
    for curie, label, obsolete, parents, synonyms in table("fbbi.tsv"):
        names = [s.partition(":")[::2] for s in synonyms.split("|") if s]
        found[curie] = Entry(
            curie,
            label,
            names=[(text, scope) for scope, text in names],
            parents=[(parent, "is_a") for parent in parents.split()],
            obsolete=bool(obsolete),
        )
    return found


def squeezed(name: str) -> str:
    """Return HepG2 for Hep-G2; of two that fold alike, a store keeps one."""
    return re.sub(r"[- /.]", "", name.partition(" [")[0])


def cell_lines(package: CellxgenePackage, used: dict[str, str]) -> Entries:
    """Return the common cell lines, under which the archive's own ones are merged."""
    every = package.read("CVCL", "is_a")
    by_name: dict[str, str] = {}
    for curie, entry in every.items():
        by_name.setdefault(entry.label, curie)
    by_fold: dict[str, str] = {}
    for curie, entry in every.items():
        by_fold.setdefault(fold(entry.label), curie)
    found: Entries = {}
    for names in SELECTION["cell_lines"].values():
        for name in names:
            curie = name if name in every else by_name[name]
            found[curie] = every[curie]
    for curie, others in SELECTION["cell_line_names"].items():
        found[curie].names += [(other, "exact") for other in others]
    for entry in found.values():
        entry.names.append((squeezed(entry.label), "exact"))
    for mcc, label in used.items():
        if prefix_of(mcc) == "MCC":
            name = SELECTION["mcc"].get(mcc, label)
            curie = by_name.get(name) or by_fold.get(fold(name))
            if curie is not None:
                entry = found.setdefault(curie, every[curie])
                entry.alt.append(mcc)
                entry.names.append((label, "related"))
    return found


def processes(entries: Entries, used: Iterable[str]) -> Entries:
    """Return all cellular components, and of the rest what is used or general."""
    counts = below_counts(entries)
    components = below(entries, "GO:0005575")
    general = {
        c
        for c, n in counts.items()
        if n >= SELECTION["go"]["least_below"] and not entries[c].obsolete
    }
    used_here = {alive for curie in used for alive in [curie] if alive in entries}
    merged = {a: e.curie for e in entries.values() for a in e.alt}
    used_here |= {merged[curie] for curie in used if curie in merged}
    return with_above(entries, components | general | used_here)


def anatomy(entries: Entries, wanted: set[str]) -> Entries:
    """Return the part of Uberon that is general or has a short name."""
    counts, rule = below_counts(entries), SELECTION["uberon"]
    wanted = wanted | {
        curie
        for curie, entry in entries.items()
        if not entry.obsolete
        and len(entry.label.split()) <= rule["longest_label_words"]
        and (counts[curie] >= rule["least_below"])
    }
    return with_obsolete(with_above(entries, wanted), entries)


def diseases(entries: Entries, wanted: set[str]) -> Entries:
    """Return the upper part of Mondo, and what is wanted of the rest."""
    counts, rule = below_counts(entries), SELECTION["mondo"]
    distance = {"MONDO:0000001": 0}
    children: dict[str, list[str]] = {}
    for entry in entries.values():
        for up, _ in entry.parents:
            children.setdefault(up, []).append(entry.curie)
    level = ["MONDO:0000001"]
    for steps in range(1, rule["furthest_below_root"] + 1):
        level = [c for up in level for c in children.get(up, ()) if c not in distance]
        distance |= dict.fromkeys(level, steps)
    general = {c for c in distance if counts[c] >= rule["least_below"]}
    return with_obsolete(with_above(entries, wanted | general), entries)


def organisms(package: TaxonPackage, used: dict[str, str]) -> Entries:
    """Return the chosen and the used taxa with their lineages."""
    chosen = {*SELECTION["taxa"]["model"], *SELECTION["taxa"]["others"]}
    named = (curie.partition(":") for curie in everyday_names())
    chosen |= {int(local) for prefix, _, local in named if prefix == "NCBITaxon"}
    gone: dict[int, list[str]] = {}
    for curie, label in used.items():
        if prefix_of(curie) == "NCBITaxon":
            taxon: int | None = int(curie.partition(":")[2])
            if package.parent(taxon) is None:  # merged into another; the name tells
                taxon = package.find(label)
                gone.setdefault(taxon or 0, []).append(curie)
            chosen |= {taxon} if taxon else set()
    found = package.read(chosen)
    for taxon, curies in gone.items():
        if taxon:
            found[f"NCBITaxon:{taxon}"].alt += curies
        else:
            found |= {curie: Entry(curie, used[curie]) for curie in curies}
    return found


def unsourced(used: dict[str, str], matcher: Matcher) -> Entries:
    """Return the used terms of ontologies that we have not, hung up by their names."""
    found = {}
    for curie, label in used.items():
        if prefix_of(curie) in UNSOURCED:
            match = matcher.find(label.rpartition(",")[2])
            above = [(match, "matches")] if match else []
            # Of a few not even the name is known.
            found[curie] = Entry(curie, label or curie, parents=above)
    plant = SELECTION["plant"]
    found |= {curie: Entry(curie, label) for curie, label in plant["label"].items()}
    for curie, above_it in plant["above"].items():
        found[curie].parents = [(above_it, "is_a")]
    return found
