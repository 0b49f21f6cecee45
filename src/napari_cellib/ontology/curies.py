"""Any spelling of a term's identifier, made into one: GO:0005739, CVCL_0030."""

from __future__ import annotations

import re
from urllib.parse import unquote

# How each ontology writes its own name; the keys are what people type.
_PREFIXES = {
    prefix.lower(): prefix
    for prefix in (
        "AEO", "APO", "BFO", "BTO", "CARO", "CHEBI", "CL", "CLO", "CMPO", "DOID",
        "EDAM", "EFO", "EHDAA", "EHDAA2", "EMAP", "EMAPA", "FBbi", "FBbt", "FBdv",
        "FMA", "FYPO", "GO", "HP", "HsapDv", "IDO", "MA", "MCC", "MI", "MmusDv",
        "MONDO", "MP", "NCBITaxon", "NCIT", "OBI", "OMIT", "PATO", "PO", "PR",
        "SO", "TAO", "TO", "UBERON", "UO", "WBbt", "WBls", "WBPhenotype", "XAO",
        "ZFA", "ZFS",
    )
}  # fmt: skip
_PREFIXES |= {
    "bbi": "FBbi",
    "fbbi_root": "FBbi",
    "ncbi_taxid": "NCBITaxon",
    "ncbi_taxon": "NCBITaxon",
    "ncbi_taxonomy": "NCBITaxon",
    "taxid": "NCBITaxon",
    "taxon": "NCBITaxon",
    "taxonomy": "NCBITaxon",
    "txid": "NCBITaxon",
}
# Who writes fewer digits, or more, has miscounted the leading zeros.
_DIGITS = {
    **dict.fromkeys(
        ("CL", "GO", "HsapDv", "MCC", "MmusDv", "MONDO", "PATO", "PO", "UBERON"), 7
    ),
    **dict.fromkeys(("XAO", "ZFA", "ZFS"), 7),
    "FBbi": 8,
}
_NOT_OBO = {"MCC"}  # a vocabulary of one archive, without addresses
_LONGEST = 500

_CELLOSAURUS = re.compile(r"(?:^|[/:=])CVCL[_:]([0-9A-Z]{4})$", re.IGNORECASE)
_TAXON_PAGE = re.compile(
    r"(?:taxonomy|taxon|uniprot).*?[/=:](?:txid)?(\d+)/?$", re.IGNORECASE
)
_TXID = re.compile(r"txid:?(\d+)", re.IGNORECASE)
_PARTS = re.compile(r"([A-Za-z][A-Za-z0-9.-]*?(?:_[A-Za-z]+)?) ?[:_] ?(\S+)")
_NUMBER = re.compile(r"\d{1,10}")
_OTHER_LOCAL = re.compile(r"[A-Za-z0-9._-]*\d[A-Za-z0-9._-]*")


def normalise_curie(text: str) -> str | None:
    """Return the compact identifier that `text` spells, or None if it spells none.

    Understands what papers, archives and browsers write: other separators and
    cases, a prefix before the prefix, an older name of an ontology, and addresses
    of OBO, identifiers.org, OLS, the NCBI and Cellosaurus. An ontology that this
    program does not know keeps its own spelling.

    Parameters
    ----------
    text : str
        What was typed, pasted or read.

    Returns
    -------
    str or None
        For example ``"GO:0005739"`` or, as Cellosaurus writes it, ``"CVCL_0030"``.

    Examples
    --------
    >>> normalise_curie("http://purl.obolibrary.org/obo/go_0005739")
    'GO:0005739'
    >>> normalise_curie("NCBI:txid9606"), normalise_curie("Fbbi:00000246")
    ('NCBITaxon:9606', 'FBbi:00000246')
    >>> normalise_curie("mitochondrion")
    """
    text = text.strip().strip("<>[]")
    if not text or len(text) > _LONGEST or not text.isprintable():
        return None
    if match := _CELLOSAURUS.search(text):
        return f"CVCL_{match[1].upper()}"
    if "://" in text or text.lower().startswith(("purl.", "www.", "identifiers.org")):
        return _of_address(text)
    return _of_compact(text)


def _of_address(text: str) -> str | None:
    for _ in range(3):  # browsers of ontologies quote an address within an address
        text = unquote(text)
    if match := _CELLOSAURUS.search(text.rstrip("/")):
        return f"CVCL_{match[1].upper()}"
    tail = re.split(r"[/#=?&]", text.rstrip("/"))[-1]
    found = _of_compact(tail)
    if found and prefix_of(found).lower() in _PREFIXES:
        return found
    match = _TAXON_PAGE.search(text)
    return f"NCBITaxon:{int(match[1])}" if match else None


def _of_compact(text: str) -> str | None:
    if match := _TXID.fullmatch(text):
        return f"NCBITaxon:{int(match[1])}"
    match = _PARTS.fullmatch(text)
    if match is None:
        return None
    prefix, local = match.groups()
    inner = _of_compact(local)  # obo:FBbi_00000246, ZFA:ZFA:0000107, NCBI:txid9606
    if inner and (prefix_of(inner).lower() in _PREFIXES):
        return inner
    known = _PREFIXES.get(prefix.lower())
    if known is None:
        # "a:b" and "note_1" are no identifiers; ABC:123 may well be one.
        separated = text[len(prefix) :].lstrip().startswith(":")
        is_one = separated and " " not in text and _OTHER_LOCAL.fullmatch(local)
        return f"{prefix}:{local}" if is_one else None
    if not _NUMBER.fullmatch(local):
        return None
    if known == "NCBITaxon":
        return f"{known}:{int(local)}"
    if digits := _DIGITS.get(known):
        local = str(int(local)).zfill(digits)
    return f"{known}:{local}"


def prefix_of(curie: str) -> str:
    """Return the ontology's prefix, e.g. ``"GO"`` or ``"CVCL"``.

    Examples
    --------
    >>> prefix_of("NCBITaxon:9606"), prefix_of("CVCL_0030")
    ('NCBITaxon', 'CVCL')
    """
    return "CVCL" if curie.startswith("CVCL_") else curie.partition(":")[0]


def curie_to_iri(curie: str) -> str | None:
    """Return the address that stands for a term, or None where there is none.

    Examples
    --------
    >>> curie_to_iri("GO:0005739")
    'http://purl.obolibrary.org/obo/GO_0005739'
    """
    prefix = prefix_of(curie)
    if prefix == "CVCL":
        return f"https://www.cellosaurus.org/{curie}"
    local = curie.partition(":")[2]
    if prefix == "EFO":
        return f"http://www.ebi.ac.uk/efo/EFO_{local}"
    if prefix in _NOT_OBO or _PREFIXES.get(prefix.lower()) != prefix:
        return None
    return f"http://purl.obolibrary.org/obo/{prefix}_{local}"
