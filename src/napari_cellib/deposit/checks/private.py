"""Personal data that slip into names and texts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from napari_cellib.deposit.checks.found import advice, at
from napari_cellib.deposit.fields import label_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cellib.deposit.draft import Draft
    from napari_cellib.model import Problem

_TEXTS = (
    "title", "description", "study_title", "group", "specimen", "preparation",
    "instrument", "details",
)  # fmt: skip
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# The folder of a person: /home/NAME, /Users/NAME, C:\Users\NAME, /mnt/c/Users/NAME.
_HOME = re.compile(
    r"(?:/home/|/Users/|\b[A-Za-z]:[\\/](?:Users|Documents and Settings)[\\/])"
    r"(?!Shared\b|Public\b)[\w.-]+"
)
_PATIENT = re.compile(
    # A number that a hospital gave: of the patient, the record, the case.
    r"\b(?:patient|pat|mrn|case|subject)[ _#:.-]{0,2}(?:id|no|nr)?[ _#:.-]{0,2}\d{4,}"
    # A day of birth.
    r"|\b(?:dob|born|birth(?:day|date)|date of birth)[ _:=-]{1,3}\d{1,4}[-./_]\d{1,2}"
    r"[-./_]\d{1,4}"
    # A name as DICOM has it, and a number of social security.
    r"|\b[A-Z][A-Za-z'-]+\^[A-Z][A-Za-z'-]+|\b\d{3}-\d{2}-\d{4}\b",
    re.IGNORECASE,
)


def check_private(draft: Draft) -> Iterator[Problem]:
    """Look through all names and texts that others would read."""
    for source in draft.sources:
        yield from check_text(source.name, at("sources"))
    for name in _TEXTS:
        if text := getattr(draft, name):
            yield from check_text(text, at(name))
    for number, channel in enumerate(draft.channels, 1):
        if channel.name:
            yield from check_text(channel.name, at("channels", number))
    for note in draft.annotations:
        if note.term.text:
            yield from check_text(note.term.text, label_of(note.field))


def check_text(text: str, where: str) -> Iterator[Problem]:
    """Look for personal data in a text, such as the metadata of a file.

    Parameters
    ----------
    text : str
        Any text; its underscores count as blanks.
    where : str
        Where it is, as a person may be shown it.
    """
    if match := _EMAIL.search(text):
        yield advice(
            "private-e-mail",
            where,
            f"It holds the e-mail address {match[0]}.",
            "Remove it; an ORCID iD leads to a person as well.",
        )
    if match := _HOME.search(text):
        yield advice(
            "private-path",
            where,
            f"It names the folder of a person, {match[0]}.",
            "Remove the path; nobody else has this folder.",
        )
    # In names of files the underscore stands for a blank, and yet is a letter to \b.
    if match := _PATIENT.search(text.replace("_", " ")):
        yield advice(
            "private-patient",
            where,
            f"“{match[0]}” looks like what tells who a patient is.",
            "Remove it, or use a code that only you can trace back.",
        )
