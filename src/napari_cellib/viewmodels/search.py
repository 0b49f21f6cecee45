"""State and decisions of the search panel, without a widget in sight."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

from psygnal import Signal, SignalGroupDescriptor

from napari_cellib.jobs import Progress
from napari_cellib.library.several import PartialPage, SeveralLibraries
from napari_cellib.model import FacetField, Query, Sort, TermField
from napari_cellib.model.search_link import is_search_link, link_to, read_link
from napari_cellib.model.view_link import LONGEST as LONGEST_LINK
from napari_cellib.ontology import normalise_curie
from napari_cellib.viewmodels import search_state as states
from napari_cellib.viewmodels.cards import Card, card_of
from napari_cellib.viewmodels.opening import place_typed
from napari_cellib.viewmodels.search_state import Phase, SearchState
from napari_cellib.viewmodels.words import FACET_WORDS

if TYPE_CHECKING:
    from napari_cellib.jobs import Job
    from napari_cellib.model import Facet, Hit, Page
    from napari_cellib.settings import Settings
    from napari_cellib.viewmodels.libraries import Libraries

DEMO = "demo"
_SEARCHING = "Searching"
LONGEST_TEXT = 1000


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter that is active; if it is exact, without what lies below the term."""

    field: FacetField
    value: str
    label: str
    exact: bool = False

    @property
    def may_be_exact(self) -> bool:
        """Whether something can lie below it: a kind or a licence has no ontology."""
        is_term = normalise_curie(self.value) is not None
        return is_term and self.field.value in set(TermField)

    @property
    def words(self) -> str:
        """What it stands for."""
        return f"only {self.label}" if self.exact else self.label


@dataclass(frozen=True, slots=True)
class Answer:
    """A page, and the question that it answers."""

    query: Query
    page: Page
    of_several: bool = False  # libraries

    @property
    def cards(self) -> list[Card]:
        """The cards of the images found."""
        return [card_of(hit.record, self._sources(hit)) for hit in self.page.hits]

    def _sources(self, hit: Hit) -> tuple[str, ...]:
        own = hit.record.library
        return (own, *hit.also_in) if self.of_several and own else ()


@dataclass
class SearchModel:
    """What the search panel shows; every field tells its listeners when it changes.

    A panel asks for a job (`search_job`, `more_job`), runs it wherever it likes,
    and hands the outcome back (`take_answer`, `take_error`) on its own thread.
    """

    libraries: Libraries
    query: Query = field(default_factory=Query)
    state: SearchState = states.LOADING
    facets: tuple[Facet, ...] = ()
    facets_note: str = ""  # what to know of their counts
    chips: tuple[Chip, ...] = ()
    total: int = 0
    summary: str = ""
    warning: str = ""  # why the answer may lack something
    suggestion: str = ""  # a text that finds much more
    cards: list[Card] = field(default_factory=list)  # replaced by a new search only

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()
    cards_added: ClassVar[Signal] = Signal(int)  # number of cards before them

    _next: str | None = None
    _goes_on: bool = False  # whether further pages of this search are shown
    _place: str | None = None
    _told: tuple[str, ...] = ()  # of a link that was followed

    @property
    def place(self) -> str | None:
        """The address that was typed instead of words, if it was one."""
        return self._place

    @property
    def can_load_more(self) -> bool:
        """Whether the library has more cards than are shown."""
        return self._next is not None

    def set_text(self, text: str) -> bool:
        """Take over what was typed; say whether that asks for a new search."""
        # A pasted half of a surrogate pair is no text: it cannot even be encoded.
        whole = text.encode(errors="replace").decode()
        if is_search_link(whole):
            self.follow(whole)
            return True
        words = " ".join(whole.split())[:LONGEST_LINK].rstrip()
        self._place = place_typed(words)  # the link to a view may be long
        words = words[:LONGEST_TEXT].rstrip()
        if self._place is not None:
            self.state = states.address_typed(self._place)
            return False
        if words == self.query.text and self.state.phase is not Phase.ADDRESS:
            return False
        self._ask(text=words)
        return True

    def follow(self, link: str) -> None:
        """Ask for what a link asks for, and tell what of it was left out."""
        found = read_link(link)
        self._place = None
        self._ask(**found.query.model_dump(exclude={"limit"}))
        self._told = found.notes

    @property
    def link(self) -> str:
        """The link by which another person asks for the same."""
        return link_to(self.query)

    def toggle_exact(self, value: str) -> None:
        """Let the term of a filter stand for itself alone, or again for all below."""
        alone = self.query.exact
        changed = (
            tuple(one for one in alone if one != value)
            if value in alone
            else (*alone, value)
        )
        self._ask(exact=changed)

    def toggle(self, facet: FacetField, value: str) -> None:
        """Add one filter, or take it away again."""
        self.query = self.query.toggled(facet, value)
        self._told = ()
        self._name_chips()

    def filter_by_term(
        self, facet: FacetField, curie: str, label: str, *, text: str
    ) -> None:
        """Filter by a term instead of searching for the words that meant it.

        Parameters
        ----------
        facet : FacetField
            What the term says something about.
        curie, label : str
            Its identifier and its name.
        text : str
            What is still to be searched for.
        """
        values = self.query.filters.get(facet, ())
        if curie not in values:
            # Named at once: the library names its own terms only with its answer.
            self.chips = (*self.chips, Chip(facet, curie, label))
            values = (*values, curie)
        self._place = None
        self._ask(text=text, filters={**self.query.filters, facet: values})

    def usage(self) -> dict[str, int]:
        """Return how many images have which term, as far as the facets tell."""
        return {
            value.value: value.count for facet in self.facets for value in facet.values
        }

    def clear_filters(self) -> None:
        """Take all filters away."""
        self._ask(filters={})

    def set_sort(self, sort: Sort) -> None:
        """Choose the order of the cards."""
        self._ask(sort=sort)

    def clear(self) -> None:
        """Ask for everything."""
        self._place = None
        self._ask(text="", filters={})

    def search_job(self) -> Job[Answer]:
        """Return the job that answers the present query from its start."""
        if not self.cards:
            self.state = states.LOADING
        self._goes_on = False
        return _search(self.libraries, self.query)

    def more_job(self) -> Job[Answer] | None:
        """Return the job that fetches the next page, or None after the last."""
        if self._next is None:
            return None
        changes = {"cursor": self._next, "facets": False}
        return _search(self.libraries, self.query.model_copy(update=changes))

    def take_progress(self, step: Progress) -> None:
        """Show what is there while other libraries are still waited for.

        Where there is nothing yet, say how far a library is that has to be made ready.
        """
        if isinstance(step, PartialPage):
            self.take_answer(Answer(step.query, step.page, of_several=True))
        elif step.label != _SEARCHING and self.state.phase is Phase.LOADING:
            of = f": {step.done:,} of {step.total:,}" if step.total else ""
            self.state = replace(states.LOADING, title=f"{step.label}{of}")

    def take_answer(self, answer: Answer) -> None:
        """Show an answer, unless it is one to an older question."""
        asked = answer.query
        if asked.model_copy(update={"cursor": None, "facets": True}) != self.query:
            return
        if asked.cursor is not None and asked.cursor != self._next:
            return
        if asked.cursor is None and self._goes_on:
            # A person has scrolled on: what came late is among the pages to come.
            self._tell_of(answer.page)
            return
        self._next = answer.page.next
        if asked.cursor is None:
            self._replace(answer.cards, answer.page)
        else:
            before = len(self.cards)
            self._goes_on = True
            # A copy may turn up on a later page.
            self.facets_note = self.facets_note or answer.page.facets_note
            self.cards.extend(answer.cards)
            self.cards_added.emit(before)

    def take_error(self, error: Exception) -> None:
        """Say what went wrong and what to do about it."""
        missing = self.libraries.default_id == DEMO
        self._replace_cards([])
        self.facets, self.total, self.summary, self.suggestion = (), 0, "", ""
        self.warning = self.facets_note = ""
        self._next = None
        self.state = states.failure(error, demo_is_missing=missing)

    def demo_job(self) -> Job[str]:
        """Return the job that makes the demo library; search again afterwards.

        It returns what to tell of images that had to be left out, "" if none.
        """
        self.state = states.MAKING_LIBRARY
        return _make_demo(self.libraries.settings)

    def _ask(self, **changes: object) -> None:
        self.query = self.query.changed(**changes)
        self._told = ()
        self._name_chips()

    def _replace(self, cards: list[Card], page: Page) -> None:
        self._replace_cards(cards)
        self._tell_of(page)
        if cards:
            self.state = states.RESULTS
        elif self.query.is_empty:
            self.state = states.EMPTY_LIBRARY
        else:
            filtered = bool(self.query.filters)
            self.state = states.nothing_found(
                self.query.text, filtered=filtered, suggestion=self.suggestion
            )

    def _tell_of(self, page: Page) -> None:
        self.facets = page.facets
        self.facets_note = page.facets_note
        self.total = page.total
        self.summary = ""  # so that an equal count is heard of too
        self.summary = page.total_in_words
        self.suggestion = page.suggestion or ""
        self.warning = "\n".join((*self._told, *page.warnings))
        self._name_chips()

    def _replace_cards(self, cards: list[Card]) -> None:
        if cards or self.cards:
            self.cards = cards

    def _name_chips(self) -> None:
        labels = {
            (facet.field, value.value): value.label
            for facet in self.facets
            for value in facet.values
        }
        # A chip keeps its name while the next answer is waited for.
        labels |= {
            (chip.field, chip.value): chip.label
            for chip in self.chips
            if chip.label != chip.value
        }
        self.chips = tuple(
            Chip(
                facet,
                value,
                labels.get((facet, value), value),
                exact=value in self.query.exact,
            )
            for facet, values in self.query.filters.items()
            for value in values
        )


def facet_title(facet: FacetField) -> str:
    """Return the name of a facet as a person reads it."""
    return FACET_WORDS[facet]


def _make_demo(settings: Settings) -> Job[str]:
    from napari_cellib.demo.build import build_demo  # reads and writes pixels

    report = yield from build_demo(settings)
    return states.left_out(report.missing)


def _search(libraries: Libraries, query: Query) -> Job[Answer]:
    yield Progress(_SEARCHING)
    from napari_cellib.library.catalogued import CataloguedLibrary  # takes a while

    library = libraries.searched()
    yield Progress(_SEARCHING)
    if not isinstance(library, SeveralLibraries):
        if isinstance(library, CataloguedLibrary):
            yield from library.prepare_search()
        return Answer(query, library.search(query))
    page = yield from library.search_job(query)
    return Answer(query, page, of_several=True)
