"""What the Cell Image Library's service is asked, and what its answers say.

Pure: paths out, values in. Who has no key is given no answer. The service passes on
the answers of a search engine, whose form has changed with the years: a total is a
number or an object, one thing is a list of one or no list, and an error comes with a
status that says that all is well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from napari_cellib.archives.cil.document import SOURCE, record_id
from napari_cellib.archives.cil.ledger import Node
from napari_cellib.archives.cil.words import one_line
from napari_cellib.archives.dump import parse
from napari_cellib.errors import ArchiveUnreadable, RecordInvalid

if TYPE_CHECKING:
    from datetime import datetime

# All in one answer, for the order is not the same from question to question.
MOST_IDS = 50_000

_LONGEST_WORDS = 200


class IdPage(NamedTuple):
    """Some of the images that there are.

    Attributes
    ----------
    ids : tuple of str
        Ids of records.
    listed : int
        How many were listed, with those that have no id of a record.
    total : int
        How many there are.
    """

    ids: tuple[str, ...]
    listed: int
    total: int


def ids_path(start: int = 0, since: datetime | None = None) -> str:
    """Return what asks which images are public.

    Parameters
    ----------
    start : int
        How many to pass over.
    since : datetime.datetime, optional
        Only those that were published, or published again, since then.

    Examples
    --------
    >>> ids_path(20)
    'public_ids?from=20&size=50000'
    """
    asked = {"from": start, "size": MOST_IDS}
    if since is not None:
        asked["lastModified"] = int(since.timestamp())
    return f"public_ids?{urlencode(asked)}"


def document_path(record_id: str) -> str:
    """Return what asks for the document of an image.

    Examples
    --------
    >>> document_path("CIL:37147")
    'public_documents/CIL_37147'
    """
    return f"public_documents/{record_id.replace(':', '_')}"


def group_path(record_id: str) -> str:
    """Return what asks for the images of the same group.

    Examples
    --------
    >>> group_path("CIL:37147")
    'groups/37147'
    """
    return f"groups/{record_id.partition(':')[2]}"


def read_ids(body: bytes) -> IdPage:
    """Return which images are public.

    Raises
    ------
    ArchiveUnreadable
        When the answer lists none.
    """
    found = _answer(body).get("hits")
    total = found.get("total")
    if isinstance(total.value, dict):
        total = total.get("value")
    if not isinstance(total.value, int) or total.value < 0:
        raise ArchiveUnreadable(SOURCE, "it does not say how many images there are")
    names = [hit.get("_id").text for hit in found.get("hits").each()]
    ids = (record_id(name) for name in names)
    unique = dict.fromkeys(one for one in ids if one)
    return IdPage(tuple(unique), len(names), total.value)


def read_document_answer(body: bytes, wanted: str) -> dict[str, Any]:
    """Return the document of an image, as it also lies in the public dump.

    Parameters
    ----------
    body : bytes
        The answer.
    wanted : str
        Id of the record that was asked for.

    Raises
    ------
    ArchiveUnreadable
        When the answer is none.
    RecordInvalid
        When there is no public image of that id, or another one came.
    """
    answer = _answer(body)
    if answer.get("found").value is False:
        raise RecordInvalid(wanted, "the archive says that it is not public")
    came = answer.get("_id").text
    if came and record_id(came) != wanted:
        raise RecordInvalid(wanted, f"the archive sent {one_line(came)} in its place")
    inner = answer.get("_source").value
    if isinstance(inner, dict):
        return inner
    if "CIL_CCDB" not in answer.value:
        raise ArchiveUnreadable(SOURCE, "there is no image in it")
    return dict(answer.value)


def read_group(body: bytes) -> tuple[str, ...]:
    """Return the ids of the images of a group; none where there is no group.

    Raises
    ------
    ArchiveUnreadable
        When the answer is none.
    """
    answer = _answer(body)
    hits = [hit.get("_source") for hit in answer.at("hits", "hits").each()]
    members = (
        record_id(member.text)
        for found in (answer, answer.get("_source"), *hits)
        for member in found.at("Group", "Group_members").each()
    )
    return tuple(dict.fromkeys(member for member in members if member))


def _answer(body: bytes) -> Node:
    """Return an answer that is one object, and no error."""
    try:
        answer = parse(body)
    except ValueError as error:
        is_page = body.lstrip()[:1] == b"<"
        reason = "it is a web page, not JSON" if is_page else str(error)
        raise ArchiveUnreadable(SOURCE, reason) from error
    if isinstance(answer, list) and len(answer) == 1:
        answer = answer[0]
    if not isinstance(answer, dict):
        raise ArchiveUnreadable(SOURCE, "it is JSON, but no object")
    node = Node(answer, "")
    if answer.get("error") or answer.get("status") is False:
        raise ArchiveUnreadable(SOURCE, f"it says “{_complaint(node)}”")
    return node


def _complaint(answer: Node) -> str:
    """Return what an error says of itself, short and on one line."""
    places = (
        answer.get("error_message"), answer.at("error", "reason"), answer.get("error"),
        answer.get("message"),
    )  # fmt: skip
    words = next((one_line(place.text) for place in places if place.text), "error")
    cut = words[:_LONGEST_WORDS]
    return cut.rstrip(".") if cut == words else f"{cut}…"
