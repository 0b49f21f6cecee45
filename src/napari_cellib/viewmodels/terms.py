"""The ontology terms that one session has open."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from napari_cellib.errors import JobCancelled
from napari_cellib.ontology import open_terms

if TYPE_CHECKING:
    from napari_cellib.jobs import Job
    from napari_cellib.model import TermField
    from napari_cellib.ontology import Terms
    from napari_cellib.ontology.ols import OnlineTerm
    from napari_cellib.settings import Settings


class SharedTerms:
    """Opens the terms when they are first asked for, and closes them together.

    Parameters
    ----------
    settings : Settings
        Where the user's own store is, if there is one.
    opened : Terms, optional
        A store that is open already, to be used instead.
    """

    def __init__(self, settings: Settings, opened: Terms | None = None) -> None:
        self._settings = settings
        self._terms = opened
        self._is_shut = False
        self._lock = Lock()

    def get(self) -> Terms:
        """Return the terms, from any thread.

        Raises
        ------
        TermsUnreadable
            When the file is damaged.
        """
        with self._lock:
            if self._is_shut:
                raise JobCancelled
            if self._terms is None:
                self._terms = open_terms(settings=self._settings)
            return self._terms

    def close(self) -> None:
        """Let go of the file; it is opened anew when it is next asked for."""
        with self._lock:
            terms, self._terms = self._terms, None
        if terms is not None:
            terms.close()

    def shut(self) -> None:
        """Let go of the file for good: a job that is on its way does not open it."""
        with self._lock:
            self._is_shut = True
        self.close()


def search_online(text: str, field: TermField | None) -> Job[tuple[OnlineTerm, ...]]:
    """Return the job that asks the EBI's Ontology Lookup Service for terms.

    Parameters
    ----------
    text : str
        What was typed; it is sent to the service.
    field : TermField or None
        Only terms that may fill it.
    """
    from napari_cellib.ontology.ols import search_job  # imports the HTTP client

    return (yield from search_job(text, field))
