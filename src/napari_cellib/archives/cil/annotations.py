"""The term fields of a document: which term, in which field, and as it was written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from napari_cellib.archives.cil.ledger import Fate
from napari_cellib.archives.cil.words import one_line
from napari_cellib.model import Annotation, Assertion, Term, TermField
from napari_cellib.ontology.curies import normalise_curie, prefix_of
from napari_cellib.ontology.fields import field_of_cil, field_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cellib.archives.cil.ledger import Ledger, Node
    from napari_cellib.ontology import Terms

_COMPOUNDS = "CHEMICAL_COMPOUNDS"
_KEYS = ("onto_id", "onto_name", "free_text")
_NOT_TERMS = {
    "TECHNICALDETAILS", "DATAQUALIFICATION", "IMAGEDESCRIPTION", "TERMSANDCONDITIONS",
}  # fmt: skip
# Annotators put the name where the identifier belongs, behind the ontology's prefix.
_NAMED = re.compile(
    r"(?:|DOID|EHDAA|EMAP|FMA|GO|IDO|MC|MCC|PO|TAO|XAO|ZFA)\s*:\s*(?=\S)", re.IGNORECASE
)
_NAME = re.compile(r"[^\W\d_].|.[^\W\d_]")  # a letter that is not alone
_NO_WORDS = {"null", "none", "n/a", "na", "unknown"}
_LOOSE = {TermField.ANATOMY, TermField.DEVELOPMENTAL_STAGE}


class _Written(NamedTuple):
    """What a document writes of one term."""

    key: str
    onto_id: str
    onto_name: str
    free_text: str


class _Reading(NamedTuple):
    """What is made of it, and what became of each of its values."""

    notes: tuple[Annotation, ...]
    fates: dict[str, tuple[Fate, str]]


class TermReader:
    """Reads terms; what was read once is remembered, for documents repeat them.

    Parameters
    ----------
    terms : Terms or None
        Give names that a document leaves out, and the public identifiers of
        cell lines.
    """

    def __init__(self, terms: Terms | None) -> None:
        self._terms = terms
        self._releases = terms.versions() if terms else {}
        self._known: dict[_Written, _Reading] = {}

    def read(self, core: Node, ledger: Ledger) -> Iterator[Annotation]:
        """Yield the annotations of a document, in its order.

        A term that comes twice in a field, say under two keys, is one annotation:
        that which has the document's own name for it.
        """
        found: dict[tuple[str | None, ...], Annotation] = {}
        for key, node in core.fields():
            if key in _NOT_TERMS:
                continue
            for member in node.each():
                for note in self._member(key, member, ledger):
                    term = note.term
                    found.setdefault((note.field, term.id, term.label, term.text), note)
        named = {(note.field, note.term.id) for note in found.values() if _is_own(note)}
        for note in found.values():
            if _is_own(note) or (note.field, note.term.id) not in named:
                yield note

    def _member(self, key: str, node: Node, ledger: Ledger) -> tuple[Annotation, ...]:
        if key == _COMPOUNDS and node.text:
            written = _Written(key, "", "", node.text)
        else:
            written = _Written(key, *(node.get(name).text for name in _KEYS))
        if not any(written[1:]):
            return ()
        reading = self._known.get(written) or self._understood(written)
        if key != _COMPOUNDS:  # there are as many of them as of all other terms
            self._known[written] = reading
        for name, (fate, reason) in reading.fates.items():
            leaf = node if node.text else node.get(name)
            ledger.note(leaf, fate, reason)
        return reading.notes

    def _understood(self, written: _Written) -> _Reading:
        fates = dict.fromkeys(
            (name for name, text in zip(_KEYS, written[1:], strict=True) if text),
            (Fate.MAPPED, ""),
        )
        curie = normalise_curie(written.onto_id)
        label, text = one_line(written.onto_name), _words(written.free_text)
        if written.onto_id and curie is None:
            words = _words(written.onto_id)
            fates["onto_id"] = (Fate.CLEANED, "a name in the place of an identifier")
            if not words:
                fates["onto_id"] = (Fate.REFUSED, "it names nothing")
            text = "; ".join(filter(None, dict.fromkeys((words, text))))
        elif curie and curie != written.onto_id:
            fates["onto_id"] = (Fate.CLEANED, "one spelling for each identifier")
        if written.free_text and not _words(written.free_text):
            fates["free_text"] = (Fate.REFUSED, "it names nothing")
        for name, now in (("onto_name", label), ("free_text", text)):
            if fates.get(name, ("",))[0] is Fate.MAPPED and now != getattr(
                written, name
            ):
                fates[name] = (Fate.CLEANED, "repaired")
        if not (curie or label or text):
            return _Reading((), fates)
        note = self._note(written, curie, label, text, fates)
        return _Reading((note, *self._public_cell_line(note)), fates)

    def _note(
        self,
        written: _Written,
        curie: str | None,
        label: str,
        text: str,
        fates: dict[str, tuple[Fate, str]],
    ) -> Annotation:
        field = field_of_cil(written.key)
        if curie:
            field = _field_that_fits(field, curie)
        raw = [
            value
            for name, value in zip(_KEYS, written[1:], strict=True)
            if fates.get(name, ("",))[0] is Fate.CLEANED
        ]
        version = None
        if curie and not label and self._terms and (known := self._terms.label(curie)):
            label, version = known, self._version(curie)
        return Annotation(
            field=field,
            term=Term(
                id=curie,
                label=label or None,
                text=text or None,
                ontology_version=version,
            ),
            assertion=Assertion(
                evidence=f"written {', '.join(map(repr, raw))}" if raw else None
            ),
            source_field=written.key,
        )

    def _public_cell_line(self, note: Annotation) -> Iterator[Annotation]:
        """Yield the Cellosaurus term for one of a private list, where it is known."""
        private = note.term.id or ""
        if self._terms is None or prefix_of(private) != "MCC":
            return
        term = self._terms.resolve(private).term
        if term is None or prefix_of(term.curie) != "CVCL":
            return
        yield Annotation(
            field=note.field,
            term=Term(
                id=term.curie,
                label=term.label,
                text=note.term.label,
                ontology_version=self._version(term.curie),
            ),
            assertion=Assertion(by="lookup", evidence=f"{private} is this cell line"),
            source_field=note.source_field,
            supersedes=note.key,
        )

    def _version(self, curie: str) -> str | None:
        release = self._releases.get(prefix_of(curie))
        return (release.version or None) if release else None


def _is_own(note: Annotation) -> bool:
    """Say whether the name is the document's own, not one that was looked up."""
    return note.term.ontology_version is None


def _words(text: str) -> str:
    """Return the words of a text, without the prefix of an ontology.

    A number alone, or a single letter, is no name of anything.
    """
    words = one_line(text)
    if match := _NAMED.match(words):
        words = words[match.end() :]
    meaningless = words.lower() in _NO_WORDS or not _NAME.search(words)
    return "" if meaningless else words


def _field_that_fits(field: TermField, curie: str) -> TermField:
    """Move an organism, or a stage, out of a field for anatomy."""
    prefix = prefix_of(curie)
    if field not in _LOOSE or prefix in field_rules()[field].ontologies:
        return field
    fitting = [
        rule.field for rule in field_rules().values() if prefix in rule.ontologies
    ]
    return fitting[0] if len(fitting) == 1 else field
