"""What an image belongs to: a study, and the images that are shown beside it.

Both are found by typing a part of a title. What is typed and not chosen counts as well:
as the title of a new study, or as the word that siblings have in common.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from psygnal import SignalGroupDescriptor

from napari_cellib.deposit.records import folded_title, study_called
from napari_cellib.errors import CellibError
from napari_cellib.jobs import Progress
from napari_cellib.model import Query
from napari_cellib.viewmodels.cards import card_of
from napari_cellib.viewmodels.depositing.picking import Choice, Picking
from napari_cellib.viewmodels.search_state import problem_in_words
from napari_cellib.viewmodels.words import count_in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from napari_cellib.deposit.depositions import Deposition
    from napari_cellib.deposit.draft import Draft
    from napari_cellib.jobs import Job
    from napari_cellib.library.embedded import EmbeddedLibrary
    from napari_cellib.model import ImageRecord, Study
    from napari_cellib.viewmodels.depositing.wizard import WizardModel

_MOST = 6  # lines below what is typed
_NAMED = 3  # siblings whose titles are said


@dataclass(frozen=True, slots=True)
class Kin:
    """What the image would be shown with, for which study and group that was asked."""

    asked: tuple[str | None, str | None]
    records: tuple[ImageRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Studies:
    """What a person may mean, and why it is not all there is; "" if it is."""

    choices: tuple[Choice, ...]
    trouble: str = ""


@dataclass
class BelongingModel:
    """What is offered for what is typed, and what that means.

    A library that fails is no library in which nothing is found: what went wrong is
    said in place of what was typed means, until it is tried again.

    Parameters
    ----------
    wizard : WizardModel
        Whose draft gets what is typed or chosen.
    library_of : callable, optional
        Returns the library that has the studies and images, in a job.
    formers : tuple of Deposition
        Those of the person, whose studies are offered as well.
    """

    wizard: WizardModel
    library_of: Callable[[], EmbeddedLibrary] | None = None
    formers: tuple[Deposition, ...] = ()
    studies: tuple[Choice, ...] = field(default=(), init=False)
    kin: Kin = field(default=Kin((None, None)), init=False)
    studies_trouble: str = field(default="", init=False)
    siblings_trouble: str = field(default="", init=False)
    study: Picking = field(default_factory=Picking, init=False)
    siblings: Picking = field(default_factory=Picking, init=False)
    _asking: tuple[str | None, str | None] = field(default=(None, None), init=False)

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    def __post_init__(self) -> None:
        self.study.taken.connect(self.take_study)
        self.siblings.taken.connect(self.take_image)

    # -- the study

    def studies_job(self) -> Job[Studies]:
        """Return the job that lists the studies of the library and of one's own."""
        return _studies_job(self.library_of, [one.draft for one in self.formers])

    def take_studies(self, found: Studies) -> None:
        """Take over what was found, and what could not be."""
        self.studies, self.studies_trouble = found.choices, found.trouble

    def offer_studies(self) -> None:
        """Offer the studies whose titles or numbers have all that is typed."""
        words = (self.wizard.draft.study_title or "").casefold().split()
        alike = [
            one
            for one in self.studies
            if all(word in f"{one.title} {one.tag}".casefold() for word in words)
        ]
        self.study.offer(tuple(alike[:_MOST]))

    def type_study(self, text: str) -> None:
        """Take over the title of a study: of one that is there, or a new one."""
        wanted = folded_title(text)
        same = next((s for s in self.studies if folded_title(s.title) == wanted), None)
        self.wizard.set(study_title=text, study=same.id if same else None)
        if text.strip():
            self.offer_studies()
        else:
            self.study.close()

    def take_study(self, one: Choice) -> None:
        """Let the image join a study."""
        self.wizard.set(study_title=one.title, study=one.id)
        self.wizard.filled.emit()

    @property
    def study_in_words(self) -> str:
        """What becomes of the study that stands there; "" for none.

        Nobody can say so while the library does not answer.
        """
        if self.studies_trouble:
            return self.studies_trouble
        draft = self.wizard.draft
        if not (draft.study_title or "").strip():
            return ""
        own = draft.study or study_called(draft.study_title)
        known = next((one for one in self.studies if one.id == own), None)
        return f"Joins {known.note}." if known else "Begins a new study."

    # -- the siblings

    def images_job(self) -> Job[tuple[Choice, ...]] | None:
        """Return the job that finds images by what is typed; None if nothing is."""
        text = (self.wizard.draft.group or "").strip()
        if self.library_of is None or not text:
            return None
        return _images_job(self.library_of, text)

    def type_group(self, text: str) -> None:
        """Take over a word that siblings have in common."""
        self.wizard.set(group=text)
        if not text.strip():
            self.siblings.close()

    def take_image(self, one: Choice) -> None:
        """Let the image be shown with another one, and with that one's siblings."""
        self.wizard.set(group=one.id)
        self.wizard.filled.emit()

    def kin_job(self) -> Job[Kin] | None:
        """Return the job that looks what the image would be shown with.

        None if that is known, or being asked.
        """
        draft = self.wizard.draft
        group = (draft.group or "").strip() or None
        asked = (draft.study or study_called(draft.study_title), group)
        if self.library_of is None or asked == self._asking:
            return None
        self._asking = asked
        return _kin_job(self.library_of, asked)

    def take_kin(self, kin: Kin) -> None:
        """Take over what the image would be shown with."""
        self.kin, self.siblings_trouble = kin, ""

    def take_trouble(self, error: Exception) -> None:
        """Say why the library cannot tell what the image would be shown with."""
        self.siblings_trouble = _trouble(error)

    def retry_siblings(self) -> None:
        """Let the library be asked again."""
        self.siblings_trouble, self._asking = "", (None, None)

    @property
    def group_in_words(self) -> str:
        """With what the image will be shown; "" if nobody knows any."""
        if self.siblings_trouble:
            return self.siblings_trouble
        group = (self.wizard.draft.group or "").strip()
        if not group or self.kin.asked[1] != group:
            return ""
        named = [one for one in self.kin.records if group in (one.group, one.id)]
        if not named:
            return "No other image has this word yet."
        titles = [f"{one.cited_as} “{one.title}”" for one in named[:_NAMED]]
        if more := len(named) - len(titles):
            titles.append(count_in_words(more, "other image"))
        return f"Shown with {', '.join(titles)}."


def _studies_job(
    library_of: Callable[[], EmbeddedLibrary] | None, drafts: Iterable[Draft]
) -> Job[Studies]:
    yield Progress("Looking for studies")
    found: tuple[Study, ...] = ()
    trouble = ""
    try:
        found = library_of().studies() if library_of else ()
    except CellibError as error:  # one's own are left
        trouble = _trouble(error)
    choices = [_study_choice(one) for one in found]
    known = {folded_title(one.title) for one in choices}
    for draft in drafts:
        title = " ".join((draft.study_title or "").split())
        if title and folded_title(title) not in known:
            choices.append(Choice(None, title, note="from your depositions"))
            known.add(folded_title(title))
    choices.sort(key=lambda one: folded_title(one.title))
    return Studies(tuple(choices), trouble)


def _trouble(error: Exception) -> str:
    return " ".join(problem_in_words(error))


def _study_choice(one: Study) -> Choice:
    images = count_in_words(one.image_count or 0, "image")
    return Choice(one.id, one.title, one.accession or "", f"{images} of the library")


def _images_job(
    library_of: Callable[[], EmbeddedLibrary], text: str
) -> Job[tuple[Choice, ...]]:
    yield Progress("Looking for images")
    page = library_of().search(Query(text=text, limit=_MOST, facets=False))
    return tuple(_image_choice(hit.record) for hit in page.hits)


def _image_choice(record: ImageRecord) -> Choice:
    card = card_of(record)
    name = record.group or record.id
    return Choice(name, record.title, record.cited_as, card.subject, card)


def _kin_job(
    library_of: Callable[[], EmbeddedLibrary], asked: tuple[str | None, str | None]
) -> Job[Kin]:
    yield Progress("Looking for siblings")
    return Kin(asked, library_of().together(*asked))
