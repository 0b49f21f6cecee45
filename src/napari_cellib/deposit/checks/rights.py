"""What others may do with the image and when, and which articles show it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from napari_cellib.deposit.checks.found import advice, at, error
from napari_cellib.deposit.parsing import parse_article, parse_date

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from napari_cellib.deposit.draft import Draft
    from napari_cellib.model import Problem

_LONGEST_EMBARGO = timedelta(days=731)  # two years
_HINDERS_REUSE = ("non-commercial", "no-derivatives", "restricted", "unknown")


def check_rights(draft: Draft, today: date) -> Iterator[Problem]:
    """Look at the licence, the embargo and the articles."""
    if draft.licence is None:
        yield error(
            "licence-missing",
            at("licence"),
            "No licence is chosen.",
            "Choose one; CC BY 4.0 lets everybody use the image who names you.",
        )
    elif draft.licence.spdx is None:
        yield advice(
            "licence-unknown",
            at("licence"),
            f"“{draft.licence.name}” is no licence that programs know.",
            "Choose one of the list if one says what you mean.",
        )
    elif draft.licence.reuse in _HINDERS_REUSE:
        yield advice(
            "licence-restrictive",
            at("licence"),
            f"{draft.licence.name} keeps the image out of textbooks or of works that "
            "change it.",
            "CC BY 4.0 asks only that you are named.",
        )
    if draft.embargo_until:
        yield from _check_embargo(draft.embargo_until, today)
    yield from _check_articles(draft)


def _check_embargo(text: str, today: date) -> Iterator[Problem]:
    try:
        until = parse_date(text)
    except ValueError as reason:
        yield error(
            "embargo-invalid",
            at("embargo_until"),
            f"{reason}.",
            "Write the day as in 2026-05-31, or leave it empty.",
        )
        return
    if until <= today:
        yield error(
            "embargo-past",
            at("embargo_until"),
            f"{until} is not in the future.",
            "State a later day, or leave it empty to publish at once.",
        )
    elif until - today > _LONGEST_EMBARGO:
        yield error(
            "embargo-long",
            at("embargo_until"),
            f"{until} is more than two years away.",
            "State an earlier day; it can be put off later with a reason.",
        )


def _check_articles(draft: Draft) -> Iterator[Problem]:
    for number, text in enumerate(draft.articles, 1):
        try:
            parse_article(text)
        except ValueError as reason:
            yield error(
                "article-invalid",
                at("articles", number),
                f"{reason}.",
                "A DOI looks like 10.1000/xyz123, a PubMed id is a number.",
            )
    if draft.published and not draft.articles:
        yield advice(
            "article-missing",
            at("articles"),
            "The image is shown in an article that is not named.",
            "Add its DOI, or its PubMed id.",
        )
    if draft.published is None:
        yield advice(
            "published-unknown",
            at("published"),
            "It is not said whether an article shows the image.",
            "Say yes or no; images that no article shows are welcome.",
        )
