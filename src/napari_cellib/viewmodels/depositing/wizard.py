"""What the wizard shows: a draft, what is wrong with it, and the page that is open.

A problem is shown at its field once a person was there, and everywhere once the checks
were looked at: nobody is greeted by a dozen errors.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from psygnal import Signal, SignalGroupDescriptor

from napari_cellib.deposit.checks.draft import check_draft
from napari_cellib.deposit.checks.found import field_at
from napari_cellib.deposit.draft import Draft, DraftPerson
from napari_cellib.deposit.fields import FIELDS, label_of
from napari_cellib.model import Annotation, Assertion
from napari_cellib.profile import Profile
from napari_cellib.viewmodels.depositing.knowing import Known
from napari_cellib.viewmodels.depositing.pages import Page, page_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from napari_cellib.model import Problem, Term, TermField

_ORDER = tuple(Page)


@dataclass(frozen=True, slots=True)
class Mark:
    """What the list of pages says about one of them.

    Attributes
    ----------
    errors : int
        What must be mended on it.
    is_told : bool
        Whether a person was there, so that it may be said.
    """

    errors: int
    is_told: bool

    @property
    def words(self) -> str:
        """What stands beside its title; "" where there is nothing to say."""
        if not self.is_told:
            return ""
        if not self.errors:
            return "complete"
        return f"{self.errors} missing or wrong"


@dataclass
class WizardModel:
    """The state of one wizard; every field tells its listeners when it changes.

    Parameters
    ----------
    draft : Draft
        What was said so far.
    is_correction : bool, default: False
        Whether the image is in a library already: its files stay as they are.
    """

    draft: Draft = field(default_factory=Draft)
    is_correction: bool = False
    page: Page = Page.FILES
    problems: tuple[Problem, ...] = ()
    absent_layers: tuple[str, ...] = ()
    is_changed: bool = False
    remembers: bool = True
    told: frozenset[str] = frozenset()
    seen: frozenset[Page] = frozenset()
    unread: Mapping[str, Problem] = field(default_factory=dict)
    looked: tuple[Problem, ...] = ()
    known: Known = field(default_factory=Known)

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()
    typed: ClassVar[Signal] = Signal()  # by a person: to be saved
    filled: ClassVar[Signal] = Signal()  # by us: to be shown anew

    def __post_init__(self) -> None:
        if self.is_correction:
            self.page = Page.WHAT
        self._check()

    # -- what a person does

    def set(self, **values: Any) -> None:
        """Take over what was typed or chosen, by the names of the fields."""
        self._change(self.draft.typed(**values))
        self.told |= {FIELDS[name].label for name in values if name in FIELDS}

    def set_terms(
        self, where: TermField, terms: tuple[Term, ...], evidence: str | None = None
    ) -> None:
        """Take over the terms of one field; those that were there stay as they are."""
        if terms == self.draft.terms(where):
            return
        old = {
            note.term: note for note in self.draft.annotations if note.field is where
        }
        said = Assertion(by="depositor", evidence=evidence)
        notes = [
            old.get(term) or Annotation(field=where, term=term, assertion=said)
            for term in terms
        ]
        others = [note for note in self.draft.annotations if note.field is not where]
        self.set(annotations=(*others, *notes))
        self.told |= {label_of(where)}

    def set_people(self, people: tuple[DraftPerson, ...]) -> None:
        """Take over the contributors; rows in which nothing is are left out."""
        self.set(contributors=tuple(one for one in people if one != DraftPerson()))

    def set_unread(self, key: str, problem: Problem | None) -> None:
        """Remember that what is typed somewhere cannot be understood, or can again."""
        others = {name: one for name, one in self.unread.items() if name != key}
        self.unread = others if problem is None else {**others, key: problem}
        self._check()
        if problem is not None:
            self.tell(problem.where)

    def tell(self, where: str) -> None:
        """Say what is wrong with a field from now on: a person was there."""
        self.told |= {field_at(where) or where}

    def go(self, page: Page) -> None:
        """Show another page."""
        if page is self.page:
            return
        self.seen |= {self.page}
        if page in (Page.CHECK, Page.DEPOSIT):
            self.seen |= set(Page)
        self.page = page

    def step(self, by: int) -> None:
        """Show the page before or after."""
        number = _ORDER.index(self.page) + by
        if 0 <= number < len(_ORDER):
            self.go(_ORDER[number])

    # -- what comes from elsewhere

    def fill(self, change: Callable[[Draft], Draft], *, is_typed: bool = True) -> None:
        """Take over what a file, a template or a former deposition says.

        Parameters
        ----------
        change : callable
            Returns the draft with what it lacks.
        is_typed : bool, default: True
            Whether a person has asked for it, so that it must be saved.
        """
        draft = change(self.draft)
        if draft == self.draft:
            return
        self._change(draft, is_typed=is_typed)
        self.filled.emit()

    def take_look(self, problems: tuple[Problem, ...]) -> None:
        """Take over what the pixels have to say."""
        self.looked = problems
        self._check()

    def take_known(self, known: Known) -> None:
        """Take over what the library has to say."""
        self.known = known
        self._check()

    @property
    def profile(self) -> Profile:
        """What can be remembered of the first person for the next image."""
        first = next((p for p in self.draft.contributors if p.name), DraftPerson())
        return Profile(
            name=first.name,
            orcid=first.orcid,
            affiliation=first.affiliation,
            licence=self.draft.licence,
        )

    # -- what is to be seen

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What must be mended before the image can be deposited."""
        return tuple(one for one in self.problems if one.severity == "error")

    @property
    def is_ready(self) -> bool:
        """Whether it can be deposited."""
        return not self.errors and not self.absent_layers

    def shown_at(self, label: str) -> tuple[Problem, ...]:
        """Return the problems to be shown at a field."""
        if label not in self.told and page_of(label) not in self.seen:
            return ()
        return tuple(one for one in self.problems if field_at(one.where) == label)

    def mark(self, page: Page) -> Mark:
        """Return what the list of pages says about a page."""
        errors = [one for one in self.errors if page_of(one.where) is page]
        return Mark(len(errors), page.is_asked and page in self.seen)

    def page_of_problem(self, problem: Problem) -> Page:
        """Return where a problem can be mended."""
        return page_of(problem.where)

    # -- inside

    def _change(self, draft: Draft, *, is_typed: bool = True) -> None:
        self.draft = draft
        self._check()
        if is_typed:
            self.is_changed = True
            self.typed.emit()

    def _check(self) -> None:
        found = [*self.unread.values(), *check_draft(self.draft)]
        found += [*self.looked, *self.known.problems]
        if self.is_correction:
            # Nobody can mend the files any more, or a day that has passed meanwhile.
            found = [
                one
                for one in found
                if one.id != "embargo-past" and page_of(one.where) is not Page.FILES
            ]
        self.problems = tuple(sorted(found, key=lambda one: one.severity != "error"))
