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
import zlib
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "terms"), str(HERE.parent / "src")]

from choosing import (  # noqa: E402
    SELECTION,
    UNSOURCED,
    Entries,
    Matcher,
    anatomy,
    cell_lines,
    diseases,
    fbbi,
    organisms,
    processes,
    table,
    unsourced,
    with_above,
)
from packages import (  # noqa: E402
    CELLXGENE,
    GO_DEB,
    TAXA,
    CellxgenePackage,
    GoPackage,
    TaxonPackage,
    fetch,
)

from napari_cellib.jobs import drive  # noqa: E402
from napari_cellib.ontology.aliases import everyday_names  # noqa: E402
from napari_cellib.ontology.building import build_store  # noqa: E402
from napari_cellib.ontology.curies import prefix_of  # noqa: E402
from napari_cellib.ontology.rows import NameRow, OntologyRow, TermRow  # noqa: E402

OUT = HERE.parent / "src/napari_cellib/ontology/data/terms.sqlite"
OBO = "http://purl.obolibrary.org/obo"

# Small ones of stages, which are taken whole: name in the package, prefix, title.
STAGES = {
    "HsapDv": ("Human Developmental Stages", "CC-BY-3.0"),
    "MmusDv": ("Mouse Developmental Stages", "CC-BY-3.0"),
    "FBdv": ("Drosophila Developmental Stages", "CC-BY-4.0"),
    "WBls": ("C. elegans Developmental Stages", "CC-BY-4.0"),
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
