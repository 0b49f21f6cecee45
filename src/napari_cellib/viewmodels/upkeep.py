"""What a person starts now and then: newer terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib.viewmodels.words import count_in_words

if TYPE_CHECKING:
    from napari_cellib.jobs import Job
    from napari_cellib.ontology.releases import UpdateReport
    from napari_cellib.settings import Settings


def update_terms_job(settings: Settings) -> Job[str]:
    """Return the job that brings newer ontology terms; it returns what came of it."""
    # The HTTP client and the database are not for the start of a panel.
    from napari_cellib.library.vocabulary import forget_shared_terms
    from napari_cellib.ontology.releases import update

    report = yield from update(settings)
    forget_shared_terms()
    return _in_words(report)


def _in_words(report: UpdateReport) -> str:
    lines = []
    for one in report.updated:
        if one.changes is None:
            lines.append(f"{one.title} is up to date.")
        else:
            terms = count_in_words(one.changes.new, "new term")
            lines.append(f"{one.title}: release {one.version}, {terms}.")
    lines += [f"{name} stays as it was. {error}" for name, error in report.failed]
    return "\n".join(lines)
