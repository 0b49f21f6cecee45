"""What happens before the first page is shown in full, and after the last one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.jobs import Progress
from napari_cellib.model import TermField
from napari_cellib.ontology.completion import complete
from napari_cellib.viewmodels.depositing.filling import formers_job, profile_job

if TYPE_CHECKING:
    from napari_cellib.deposit.depositions import Deposition, Depositions
    from napari_cellib.deposit.draft import Draft
    from napari_cellib.deposit.drafts import Drafts
    from napari_cellib.jobs import Job
    from napari_cellib.ontology import Terms
    from napari_cellib.profile import Profile
    from napari_cellib.viewmodels.depositing.filling import Filling
    from napari_cellib.viewmodels.depositing.keeper import Keeper
    from napari_cellib.viewmodels.terms import SharedTerms


@dataclass(frozen=True, slots=True)
class Started:
    """What the wizard needs and takes a moment.

    Attributes
    ----------
    terms : Terms
        The ontology terms, open.
    filling : callable
        Fills in what is remembered of the person.
    formers : tuple of Deposition
        Former depositions, the newest first.
    """

    terms: Terms
    filling: Filling
    formers: tuple[Deposition, ...]


def start_job(
    terms: SharedTerms, drafts: Drafts, depositions: Depositions, *, is_new: bool
) -> Job[Started]:
    """Return the job that opens what the wizard needs.

    Raises
    ------
    TermsUnreadable
        When the file of the terms is damaged.
    """
    yield Progress("Opening the terms")
    opened = terms.get()
    complete(opened, "a", TermField.ORGANISM)  # the first question takes the longest
    filling: Filling = _unchanged
    if is_new:
        filling = yield from profile_job(drafts)
    formers = yield from formers_job(depositions)
    return Started(opened, filling, formers)


def hand_in_job(keeper: Keeper, drafts: Drafts, profile: Profile | None) -> Job[None]:
    """Return the job that saves a draft for the last time, and the profile.

    Raises
    ------
    StorageFull, LibraryReadOnly
        When they cannot be written.
    """
    yield Progress("Saving the draft")
    keeper.save(anew=True)
    if profile is not None and profile.name:
        drafts.remember(profile)


def _unchanged(draft: Draft) -> Draft:
    return draft
