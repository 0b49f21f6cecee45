"""Who did what with a deposition, and when, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.deposit.states import Action
from napari_cellib.viewmodels.depositions_words import moment_in_words

if TYPE_CHECKING:
    from datetime import datetime

    from napari_cellib.deposit.depositions import Deposition

_PAST = {
    Action.SUBMIT: "submitted",
    Action.PUBLISH_DIRECTLY: "published without review",
    Action.CANCEL: "cancelled",
    Action.TAKE_UP: "taken up",
    Action.SEND_TO_REVIEW: "sent to reviewers",
    Action.REPORT: "reported on",
    Action.REQUEST_REVISION: "asked to be revised",
    Action.ACCEPT: "accepted",
    Action.REJECT: "rejected",
    Action.APPEAL: "appealed for",
    Action.START_CURATION: "taken up by curators",
    Action.FINISH_CURATION: "curated",
    Action.PUBLISH: "published",
    Action.HOLD: "held until a day",
    Action.CORRECT: "corrected",
    Action.WITHDRAW: "withdrawn",
}


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One event: when it was, what was done by whom, and what they said of it."""

    when: str
    what: str
    who: str
    note: str = ""


def history_of(deposition: Deposition, now: datetime) -> tuple[HistoryLine, ...]:
    """Return all that happened with a deposition, the first first.

    Parameters
    ----------
    deposition : Deposition
        The deposition.
    now : datetime
        By which "today" is meant.
    """
    people = deposition.draft.contributors
    names = {one.orcid: f"{one.name} ({one.orcid})" for one in people if one.name}
    lines = []
    for event in deposition.history:
        what = _PAST[event.action]
        when = moment_in_words(event.at, now)
        who = names.get(event.by, event.by)
        lines.append(HistoryLine(when, what.capitalize(), who, event.note or ""))
    return tuple(lines)
