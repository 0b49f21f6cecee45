"""Build the store of ontology terms that comes with the program.

usage: python scripts/build_terms.py [--cache FOLDER] [--out FILE]

Needs `uv pip install --group terms`, `apt-get` and `dpkg-deb`. Fetches three packages
from the registries (200 MB), takes of them what `scripts/terms/selection.toml` says,
and adds two tables of facts that lie there too: fbbi.tsv and used.tsv.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
import zlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "terms"), str(HERE.parent / "src")]

from packages import (  # noqa: E402
    CELLXGENE,
    GO_DEB,
    TAXA,
    CellxgenePackage,
    Entry,
    GoPackage,
    TaxonPackage,
    below_counts,
    fetch,
)

from napari_cellib.jobs import drive  # noqa: E402
from napari_cellib.ontology.aliases import everyday_names  # noqa: E402
from napari_cellib.ontology.building import build_store  # noqa: E402
from napari_cellib.ontology.curies import prefix_of  # noqa: E402
from napari_cellib.ontology.normalising import fold  # noqa: E402
from napari_cellib.ontology.rows import NameRow, OntologyRow, TermRow  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

OUT = HERE.parent / "src/napari_cellib/ontology/data/terms.sqlite"
SELECTION = tomllib.loads((HERE / "terms/selection.toml").read_text("utf-8"))
Entries = dict[str, Entry]
OBO = "http://purl.obolibrary.org/obo"

# Small ones of stages, which are taken whole: name in the package, prefix, title.
STAGES = {
    "HsapDv": ("Human Developmental Stages", "CC-BY-3.0"),
    "MmusDv": ("Mouse Developmental Stages", "CC-BY-3.0"),
    "FBdv": ("Drosophila Developmental Stages", "CC-BY-4.0"),
    "WBls": ("C. elegans Developmental Stages", "CC-BY-4.0"),
}
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


ATTRIBUTION = """# Whose terms these are

`terms.sqlite` holds identifiers, labels, synonyms, relations and successors of terms of
the ontologies below, and none of their definitions. `scripts/build_terms.py` made it.

It changes nothing of an ontology but these: synonyms whose scope the source does not
tell are called related; where the source does not tell `is_a` and `part_of` apart, the
relation is called `broader`; where two ontologies have a term of the same name, or one
refers to the other, the relation is called `matches`. Some everyday names of cell
lines, and what a person may consider instead of an obsolete term for which the source
names nothing, are our own additions. Where only a few terms are here "as an archive
uses them", identifier and label are those of the Cell Image Library's annotations.

The licences ask to name the source. CC-BY-4.0: https://creativecommons.org/licenses/by/4.0/,
CC-BY-3.0: https://creativecommons.org/licenses/by/3.0/,
CC0-1.0: https://creativecommons.org/publicdomain/zero/1.0/.

| ontology | live terms | release | licence | taken from |
|---|---|---|---|---|
"""


def table(name: str) -> Iterator[list[str]]:
    """Yield the rows of a table of facts."""
    for line in (HERE / "terms" / name).read_text("utf-8").splitlines():
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


def rows(
    entries: Entries, counts: dict[str, int], boosts: dict[str, int]
) -> list[TermRow]:
    """Return the terms as the store takes them."""
    merged = {alt: e.curie for e in entries.values() for alt in e.alt}
    uses: dict[str, int] = {}
    for curie, count in counts.items():
        current = curie if curie in entries else merged.get(curie, curie)
        uses[current] = uses.get(current, 0) + count
    return [
        TermRow(
            entry.curie,
            entry.label,
            names=tuple(NameRow(text, scope) for text, scope in entry.names),
            parents=tuple(dict.fromkeys(entry.parents)),
            obsolete=entry.obsolete,
            replaced_by=entry.replaced_by,
            consider=tuple(entry.consider),
            alt=tuple(entry.alt),
            uses=uses.get(entry.curie, 0),
            boost=boosts.get(entry.curie, 0),
        )
        for entry in entries.values()
    ]


def gather(cache: Path) -> tuple[list[OntologyRow], list[TermRow]]:
    """Return all ontologies and terms that the store is to have."""
    files = fetch(cache)
    cellxgene = CellxgenePackage(files[CELLXGENE])
    go = GoPackage(files[GO_DEB], cache)
    used = {curie: label for curie, label, _ in table("used.tsv") if curie}
    counts = {curie: int(count) for curie, _, count in table("used.tsv") if curie}
    by_name = [(label, int(n)) for curie, label, n in table("used.tsv") if not curie]

    all_go = go.read()
    uberon = cellxgene.read("UBERON", "broader")
    mondo = cellxgene.read("MONDO", "is_a")
    cells = cellxgene.read("CL", "is_a")
    fish = cellxgene.read("ZFA", "broader")
    matcher = Matcher(uberon, cells, mondo, all_go)
    rest = unsourced(used, matcher)
    for label, count in by_name:
        if curie := matcher.find(label):
            used[curie], counts[curie] = label, counts.get(curie, 0) + count
    fish = with_above(fish, used)
    proposals = {curie: others.split() for curie, others in table("proposals.tsv")}
    targets = {other for others in proposals.values() for other in others}
    targets |= {up for e in [*rest.values(), *fish.values()] for up, _ in e.parents}
    targets |= everyday_names().keys() | {*SELECTION["uberon"]["common"]}
    targets |= {*SELECTION["mondo"]["common"]}
    taxa = organisms(TaxonPackage(files[TAXA], cache), used)
    lines = cell_lines(cellxgene, used)

    merged = {alt for part in (lines, taxa) for e in part.values() for alt in e.alt}
    rest = {curie: entry for curie, entry in rest.items() if curie not in merged}
    wanted = used.keys() | targets
    parts = [
        *(processes(all_go, wanted), anatomy(uberon, wanted), diseases(mondo, wanted)),
        *(cells, fbbi(), fish, taxa, lines, rest),
        *(cellxgene.read(name, "broader") for name in STAGES),
    ]
    entries = {curie: entry for part in parts for curie, entry in part.items()}
    for curie, others in proposals.items():
        live = [other for other in others if not entries[other].obsolete]
        entries[curie].consider = entries[curie].consider or live
    merged = {alt for entry in entries.values() for alt in entry.alt}
    for curie in used.keys() - entries.keys() - merged:
        print("not found:", curie, used[curie])
    model = SELECTION["taxa"]["model"]
    boosts = {f"NCBITaxon:{taxon}": SELECTION["taxa"]["boost"] for taxon in model}
    there = {prefix_of(curie) for curie in entries}
    found = [row for row in ontologies(cellxgene, go.version) if row.prefix in there]
    return found, rows(entries, counts, boosts)


def ontologies(cellxgene: CellxgenePackage, go_version: str) -> list[OntologyRow]:
    """Return name, release, licence and source of each ontology."""

    def of(
        prefix: str, title: str, licence: str, *, name: str = "", complete: bool = True
    ) -> OntologyRow:
        version = cellxgene.version(name or prefix)
        if re.fullmatch(r"v\d{4}-\d\d-\d\d", version):
            low = (name or prefix).lower()
            version = f"{OBO}/{low}/releases/{version[1:]}/{low}.owl"
        return OntologyRow(prefix, title, version, licence, CELLXGENE, complete)

    return [
        OntologyRow(
            "GO", "Gene Ontology", f"{OBO}/go/releases/{go_version}/go-basic.owl",
            "CC-BY-4.0", f"{GO_DEB} (Debian)",
        ),
        of("CL", "Cell Ontology", "CC-BY-4.0"),
        OntologyRow(
            "FBbi", "Biological Imaging Methods Ontology",
            f"{OBO}/fbbi.owl (2026-01-30, inferred parents of 2020-11-06)",
            "CC-BY-4.0", "scripts/terms/fbbi.tsv", complete=True,
        ),
        of("UBERON", "Uberon", "CC-BY-3.0", complete=False),
        of("MONDO", "Mondo Disease Ontology", "CC-BY-4.0", complete=False),
        of("CVCL", "Cellosaurus", "CC-BY-4.0", complete=False),
        of("ZFA", "Zebrafish Anatomy Ontology", "CC-BY-3.0", complete=False),
        of("ZFS", "Zebrafish Stages", "CC-BY-3.0", name="ZFA", complete=False),
        *(of(name, *facts) for name, facts in STAGES.items()),
        OntologyRow("NCBITaxon", "NCBI Taxonomy", "2024-09-07", "CC0-1.0", TAXA),
        *(
            OntologyRow(prefix, title, "not stated", licence, "as an archive uses them")
            for prefix, (title, licence) in UNSOURCED.items()
        ),
    ]  # fmt: skip


def attribution_of(found: list[OntologyRow], terms: list[TermRow]) -> str:
    """Return the page that names all ontologies, with release and licence."""
    live = Counter(term.ontology for term in terms if not term.obsolete)
    lines = []
    for row in found:
        count = f"{live[row.prefix]}{'' if row.complete else ', a part'}"
        facts = f"{row.version} | {row.licence} | {row.source}"
        lines.append(f"| {row.title} ({row.prefix}) | {count} | {facts} |")
    return ATTRIBUTION + "\n".join(lines) + "\n"


def main() -> None:
    """Build the store and say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, default=HERE.parent / "build/terms")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()

    found, terms = gather(options.cache)
    fresh = options.out.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    count = drive(build_store(fresh, found, terms))
    fresh.replace(options.out)

    attribution = options.out.with_name("ATTRIBUTION.md")
    attribution.write_text(attribution_of(found, terms), encoding="utf-8")
    data = options.out.read_bytes()
    size, packed = len(data) / 1e6, len(zlib.compress(data)) / 1e6
    print(f"{count} terms, {size:.1f} MB, packed {packed:.1f} MB")


if __name__ == "__main__":
    main()
