"""The same terms for many images: chosen, looked at, then said."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from psygnal import SignalGroupDescriptor

from napari_cellib.annotate.history import term_key, term_words
from napari_cellib.annotate.many import Batch, apply, preview
from napari_cellib.annotate.saying import Speaker
from napari_cellib.errors import CellibError, LibraryReadOnly
from napari_cellib.jobs import Progress
from napari_cellib.library.protocol import annotatable
from napari_cellib.viewmodels.words import count_in_words, term_field_in_words

if TYPE_CHECKING:
    from napari_cellib.annotate.many import BatchPreview, RecordPreview
    from napari_cellib.jobs import Job
    from napari_cellib.library.protocol import Library
    from napari_cellib.model import Address, Annotation, Term, TermField
    from napari_cellib.model.statement import Qualifier
    from napari_cellib.ontology import Terms
    from napari_cellib.viewmodels.cards import Card
    from napari_cellib.viewmodels.libraries import Libraries

QUALIFIER_WORDS: dict[Qualifier, str] = {
    "present": "present",
    "absent": "absent",
    "uncertain": "uncertain",
}
_STEP = 50


@dataclass(frozen=True, slots=True)
class Had:
    """A term that some of the images have.

    Parameters
    ----------
    field : TermField
        In which field.
    term : Term
        The term.
    count : int
        How many images have it.
    is_ambiguous : bool
        Whether another term of the field is called the same.
    """

    field: TermField
    term: Term
    count: int
    is_ambiguous: bool = False

    @property
    def title(self) -> str:
        """The term, with its identifier where another one has the same name."""
        return _title(self.term, is_ambiguous=self.is_ambiguous)

    @property
    def words(self) -> str:
        """The term, its field, and how many images have it."""
        of = count_in_words(self.count, "image")
        return f"{self.title} · {term_field_in_words(self.field)} · {of}"


@dataclass(frozen=True, slots=True)
class Line:
    """What would become of one image.

    Attributes
    ----------
    title : str
        Of the image.
    words : str
        What is new, there already, goes, or cannot be said, and why.
    is_changed : bool
        Whether anything would be said.
    is_problem : bool
        Whether nothing can be said of it.
    """

    title: str
    words: str
    is_changed: bool = False
    is_problem: bool = False


@dataclass(frozen=True, slots=True)
class Looked:
    """What a batch would do.

    Attributes
    ----------
    batch : Batch
        What is to be said.
    previews : tuple
        By the id of each library that can be written.
    lines : tuple of Line
        One for each image, in their order.
    problems : tuple of str
        What is wrong with the terms themselves.
    """

    batch: Batch
    previews: tuple[tuple[str, BatchPreview], ...]
    lines: tuple[Line, ...]
    problems: tuple[str, ...] = ()

    @property
    def changed(self) -> int:
        """How many images something would be said of."""
        return sum(line.is_changed for line in self.lines)

    @property
    def words(self) -> str:
        """All of it in one sentence."""
        refused = sum(line.is_problem for line in self.lines)
        same = len(self.lines) - self.changed - refused
        parts = [f"{count_in_words(self.changed, 'image')} would change"]
        if same:
            parts.append(f"{same:,} would stay as they are")
        if refused:
            parts.append(f"of {refused:,} nothing can be said")
        return f"{', '.join(parts)}."


@dataclass
class BatchModel:
    """What a dialog shows that annotates many images.

    Parameters
    ----------
    libraries : Libraries
        Where the images are.
    cards : tuple of Card
        Which images.
    terms : Terms, optional
        The ontologies, to check what is chosen.
    """

    libraries: Libraries
    cards: tuple[Card, ...]
    terms: Terms | None = None
    batch: Batch = field(default_factory=Batch)
    had: tuple[Had, ...] = ()
    looked: Looked | None = None

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    _origins: dict[tuple[TermField, str], str] = field(default_factory=dict)

    def add(self, of: TermField, term: Term, qualifier: Qualifier = "present") -> None:
        """Let a term be said of all; said again, with another qualifier."""
        same = (of, term_key(term))
        self._origins.pop(same, None)  # it is said anew, not copied any more
        kept = tuple(
            one for one in self.batch.add if (one[0], term_key(one[1])) != same
        )
        self._set(Batch((*kept, (of, term, qualifier)), self.batch.remove))

    def remove(self, had: Had) -> None:
        """Let a term be taken away from all that have it."""
        one = (had.field, had.term)
        if one not in self.batch.remove:
            self._set(Batch(self.batch.add, (*self.batch.remove, one)))

    def drop(self, number: int) -> None:
        """Leave one of the `lines` out again."""
        add, remove = list(self.batch.add), list(self.batch.remove)
        if number < len(add):
            of, term, _ = add.pop(number)
            self._origins.pop((of, term_key(term)), None)
        else:
            remove.pop(number - len(add))
        self._set(Batch(tuple(add), tuple(remove)))

    @property
    def lines(self) -> tuple[str, ...]:
        """What is to be done, in words."""
        titles = {(had.field, had.term): had.title for had in self.had}
        alike = Counter((of, term.name.casefold()) for of, term, _ in self.batch.add)
        return (
            *(
                f"Add {_title(term, is_ambiguous=alike[of, term.name.casefold()] > 1)}"
                f" · {term_field_in_words(of)}{_qualified(qualifier)}"
                for of, term, qualifier in self.batch.add
            ),
            *(
                f"Take away {titles.get((of, term), term.name)}"
                f" · {term_field_in_words(of)}"
                for of, term in self.batch.remove
            ),
        )

    def copy(self, notes: tuple[Annotation, ...], origin: str) -> None:
        """Let all be said that is said of another image.

        Parameters
        ----------
        notes : tuple of Annotation
            What is said of it.
        origin : str
            Its address, which becomes the evidence.
        """
        for note in notes:
            self.add(note.field, note.term, note.qualifier)
            self._origins[note.field, term_key(note.term)] = f"copied from {origin}"

    # -- jobs

    def had_job(self) -> Job[tuple[Had, ...]]:
        """Return the job that looks which terms the images have."""
        return _had(self.libraries, self.cards)

    def copy_job(self, address: Address) -> Job[tuple[Annotation, ...]]:
        """Return the job that looks what is said of another image."""
        return _said_of(self.libraries, address)

    def look_job(self) -> Job[Looked]:
        """Return the job that looks what would become of each image."""
        return _look(self.libraries, self.cards, self.batch, self.terms)

    def apply_job(self) -> Job[int]:
        """Return the job that says it; its value is how many images changed."""
        if self.looked is None:
            raise ValueError("nothing was looked at")
        speaker = Speaker.of(self.libraries.settings)
        return _apply(self.libraries, self.looked, speaker, dict(self._origins))

    def _set(self, batch: Batch) -> None:
        self.looked = None
        self.batch = batch


def _title(term: Term, *, is_ambiguous: bool) -> str:
    if not is_ambiguous:
        return term.name
    return term_words(term) if term.id else f"{term.name} (free text)"


def _qualified(qualifier: Qualifier) -> str:
    return "" if qualifier == "present" else f" · {QUALIFIER_WORDS[qualifier]}"


def _had(libraries: Libraries, cards: tuple[Card, ...]) -> Job[tuple[Had, ...]]:
    counts: Counter[tuple[TermField, str]] = Counter()
    names: dict[tuple[TermField, str], Term] = {}
    for number, card in enumerate(cards):
        if number % _STEP == 0:
            yield Progress("Looking which terms they have", number, len(cards))
        try:
            record = libraries.get(card.library).record(card.record)
        except CellibError:
            continue  # the preview says so
        had = {
            (note.field, term_key(note.term)): note.term
            for note in record.standing_annotations
            if note.region is None
        }
        names = had | names
        counts.update(had.keys())
    alike = Counter((of, term.name.casefold()) for (of, _), term in names.items())
    return tuple(
        Had(of, term, count, alike[of, term.name.casefold()] > 1)
        for (of, key), count in counts.most_common()
        for term in (names[of, key],)
    )


def _said_of(libraries: Libraries, address: Address) -> Job[tuple[Annotation, ...]]:
    yield Progress("Looking at the other image")
    library = libraries.get(address.library)
    notes = library.record(address.record).standing_annotations
    return tuple(note for note in notes if note.region is None)


def _look(
    libraries: Libraries, cards: tuple[Card, ...], batch: Batch, terms: Terms | None
) -> Job[Looked]:
    by_library: dict[str | None, list[str]] = {}
    for card in cards:
        by_library.setdefault(card.library, []).append(card.record)
    previews: list[tuple[str, BatchPreview]] = []
    lines: dict[tuple[str | None, str], Line] = {}
    for library_id, ids in by_library.items():
        try:
            library = _writable(libraries, library_id)
        except CellibError as error:
            lines |= {(library_id, one): _refused(error.what) for one in ids}
            continue
        found = yield from preview(library, ids, batch, terms=terms)
        previews.append((library.info.id, found))
        lines |= {(library_id, one.record_id): _line(one) for one in found.records}
    named = tuple(
        Line(card.title, line.words, line.is_changed, line.is_problem)
        for card in cards
        if (line := lines.get(card.key)) is not None
    )
    problems = [str(problem) for _, one in previews for problem in one.problems]
    return Looked(batch, tuple(previews), named, tuple(dict.fromkeys(problems)))


def _writable(libraries: Libraries, library_id: str | None) -> Library:
    library = libraries.get(library_id)
    if not library.info.writable:
        raise LibraryReadOnly(library.info.name)
    annotatable(library)
    return library


def _refused(why: str) -> Line:
    return Line("", why, is_problem=True)


def _line(one: RecordPreview) -> Line:
    if one.problem:
        return _refused(one.problem)
    parts = [
        *(f"new: {term.name}{_qualified(q)}" for _, term, q in one.new),
        *(f"goes: {note.term.name}" for note in one.gone),
        *(f"already there: {term.name}" for _, term, _ in one.already),
        *(
            f"but is said to be {QUALIFIER_WORDS[note.qualifier]}: {note.term.name}"
            for note in one.contrary
        ),
    ]
    return Line("", " · ".join(parts) or "stays as it is", one.is_changed)


def _apply(
    libraries: Libraries,
    looked: Looked,
    speaker: Speaker,
    origins: dict[tuple[TermField, str], str],
) -> Job[int]:
    changed = 0
    for library_id, found in looked.previews:
        library = libraries.get(library_id)
        changed += yield from apply(library, found, speaker, evidence=origins)
    return changed
