"""Several libraries searched as one: no slow one blocks, no dead one hides another."""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from napari_cellib.errors import CellibError, LibraryUnreachable, RecordNotFound
from napari_cellib.jobs import Job, Progress, drive
from napari_cellib.library.blobs import is_remote
from napari_cellib.library.gathering import Gathering
from napari_cellib.library.lookup import Holder, Patience, find_holder
from napari_cellib.library.members import Member
from napari_cellib.library.protocol import Library, LibraryInfo, annotatable
from napari_cellib.model import Address, Page, Query
from napari_cellib.model.address import SCHEME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from concurrent.futures import Future

    from napari_cellib.model import ImageRecord, Representation
    from napari_cellib.model.statement import Statements

T = TypeVar("T")

_TICK_S = 0.1  # between two looks at whether a search was cancelled
_GRACE_S = 0.25  # in which all answers may come before some are shown
_PROMPT_S = 0.5  # in which one that comes first may say that it has the record, too
_MOST_LATE = 64  # answers that are kept for whoever asks again
_KEPT_S = 60.0  # for this long; one that has not come by then never will


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialPage(Progress):
    """A page as long as answers are still to come."""

    query: Query
    page: Page


class SeveralLibraries:
    """Libraries that are searched as one.

    Each is asked in threads of its own. What came within `deadline_s` is the answer;
    who was late, or failed, is named in its warnings. A late answer is not lost:
    the same question, or the next page, has it. Images that several libraries hold,
    by number, checksum of their document, or DOI and title, are shown once.

    Parameters
    ----------
    libraries : iterable of Library or Member
        Of two copies that are equally good hits, the one of the first is shown.
    id, name : str
        What they are called together.
    deadline_s : float
        How long to wait for an answer, in seconds.
    """

    def __init__(
        self,
        libraries: Iterable[Library | Member],
        *,
        id: str = "all",
        name: str = "All libraries",
        deadline_s: float = 5.0,
    ) -> None:
        self._members: dict[str, Member] = {}
        for one in libraries:
            member = one if isinstance(one, Member) else Member.of(one)
            self._members[_unique(member.id, self._members)] = member
        self._info = LibraryInfo(
            id=id,
            name=name,
            location=", ".join(member.name for member in self._members.values())
            or "nowhere",
        )
        self._deadline_s = deadline_s
        self._late: dict[tuple[str, str], tuple[float, Future[Page]]] = {}
        self._late_lock = Lock()
        self._preparing: dict[str, Progress] = {}
        self._ready: set[str] = set()

    @property
    def info(self) -> LibraryInfo:
        """Id, name and place of the libraries together."""
        return self._info

    @property
    def members(self) -> tuple[Member, ...]:
        """The libraries, in their order."""
        return tuple(self._members.values())

    def member(self, library_id: str) -> Member | None:
        """Return the first library of that id, or None."""
        named = (one for one in self._members.values() if one.id == library_id)
        return next(named, None)

    # ----------------------------------------------------------------- searching

    def search(self, query: Query) -> Page:
        """Return one page of hits and, if the query asks for them, facet counts.

        Raises
        ------
        QueryInvalid
            When the cursor is none of this query's.
        LibraryUnreachable
            When no library answers in time.
        """
        return drive(self.search_job(query, patience_s=self._deadline_s))

    def search_job(self, query: Query, *, patience_s: float = 60.0) -> Job[Page]:
        """Return the job that searches, and tells of answers as they come.

        Parameters
        ----------
        query : Query
            What is asked.
        patience_s : float
            How long late answers are waited for, in seconds. When the first page is
            asked for, what is there is told as a `PartialPage` meanwhile.

        Returns
        -------
        Job
            Its value is the page with all that has come. One that has no hits, as all
            of them were copies, is passed over: nobody would ask for what follows.
        """
        while True:
            page = yield from self._page_job(query, patience_s)
            if page.hits or page.next is None:
                return page
            query = query.model_copy(update={"cursor": page.next})

    def _page_job(self, query: Query, patience_s: float) -> Job[Page]:
        # The first import takes a while, and belongs into a job.
        from napari_cellib.library.merging import read_progress

        search = Gathering(query, read_progress(query), self._members, self._preparing)
        try:
            for key, question in search.questions(self._members).items():
                search.waiting[self._asked(key, question)] = key
            yield from self._followed(search, patience_s)
            search.take_rest()
        finally:
            self._keep(search)
        return search.page(self._deadline_s, is_over=True)

    def _followed(self, search: Gathering, patience_s: float) -> Job[None]:
        began = time.monotonic()
        told: object = None
        while search.waiting:
            passed = time.monotonic() - began
            is_over = passed >= self._deadline_s
            doing = search.doing()
            is_late = passed >= patience_s or (is_over and not search.pages)
            # One of an older program may take minutes to be made ready.
            if is_late and (search.pages or doing is None):
                return
            state = (len(search.waiting), is_over, doing and int(passed))
            is_first = search.query.cursor is None
            if is_first and search.pages and passed >= _GRACE_S and state != told:
                told = state
                page = search.page(self._deadline_s, is_over=is_over)
                yield PartialPage("Searching", query=search.query, page=page)
            else:
                asked = Progress("Searching", len(search.pages), len(self._members))
                yield doing or asked
            search.take(wait(search.waiting, _TICK_S, FIRST_COMPLETED).done)

    def _asked(self, key: str, question: Query) -> Future[Page]:
        """Put a question, or take the answer that came too late for it before."""
        with self._late_lock:
            since, late = self._late.pop((key, _text_of(question)), (0.0, None))
        is_fresh = late is not None and time.monotonic() - since < _KEPT_S
        if late is not None and is_fresh and not (late.done() and late.exception()):
            return late

        def answer(library: Library) -> Page:
            self._prepare(key, library)
            return library.search(question)

        return self._members[key].ask(answer)

    def _prepare(self, key: str, library: Library) -> None:
        """Do once what the first search would do, and let others see how far it is."""
        from napari_cellib.library.catalogued import CataloguedLibrary  # takes a while

        if key in self._ready or not isinstance(library, CataloguedLibrary):
            return
        try:
            drive(library.prepare_search(), partial(self._note, key))
        finally:
            self._preparing.pop(key, None)
        self._ready.add(key)

    def _note(self, key: str, step: Progress) -> None:
        self._preparing[key] = step

    def _keep(self, search: Gathering) -> None:
        """Keep what is still to come; what has not been begun is not begun."""
        with self._late_lock:
            for future, key in search.waiting.items():
                if not future.cancel():
                    question = _text_of(search.asked[key])
                    self._late[key, question] = (time.monotonic(), future)
            while len(self._late) > _MOST_LATE:
                del self._late[next(iter(self._late))]

    # ------------------------------------------------------------------- records

    def record(self, record_id: str) -> ImageRecord:
        """Return one record, by its id or its ``cellib://`` address.

        Raises
        ------
        RecordNotFound
            When no library has it. Of several that have one of that id, the first
            one's is returned.
        """
        return self.holder(record_id).record

    def holder(self, record_id: str) -> Holder:
        """Return the library that has a record, by its id or its address.

        A slow one is not waited for, where another has a record of that id.

        Raises
        ------
        RecordNotFound
            When no library has it.
        """
        return self._found(record_id, _PROMPT_S)

    def statements(self, record_id: str) -> Statements:
        """Return all that was ever said of a record, which its own library knows."""
        found = self.holder(record_id)
        number = found.record.id
        return self._answer(found.member, lambda library: library.statements(number))

    def annotate(self, record_id: str, said: Statements) -> Statements:
        """Add what was not yet said of a record, in the library that has it.

        Raises
        ------
        RecordNotFound
            When no library has it.
        LibraryReadOnly
            When nothing can be written in that library.
        """
        # Nothing is written into a copy only because the first library is slow.
        found = self._found(record_id, self._deadline_s)
        return annotatable(found.member.library()).annotate(found.record.id, said)

    def annotate_many(self, said: Mapping[str, Statements]) -> Job[int]:
        """Add what was not yet said of many records, each in its own library."""
        by_member: dict[Member, dict[str, Statements]] = {}
        for record_id, statements in said.items():
            found = self._found(record_id, self._deadline_s)
            by_member.setdefault(found.member, {})[found.record.id] = statements
        changed = 0
        for member, some in by_member.items():
            changed += yield from annotatable(member.library()).annotate_many(some)
        return changed

    def siblings(self, record_id: str) -> tuple[ImageRecord, ...]:
        """Return the other images of the same group or study, by title."""
        try:
            found = self.holder(record_id)
        except RecordNotFound:
            return ()
        number = found.record.id
        return self._answer(found.member, lambda library: library.siblings(number))

    def thumbnail(self, record_id: str) -> bytes | None:
        """Return the thumbnail as PNG or JPEG bytes, or None if there is none."""
        try:
            found = self.holder(record_id)
        except RecordNotFound:
            return None
        number = found.record.id
        return self._answer(found.member, lambda library: library.thumbnail(number))

    def locate(self, representation: Representation) -> str:
        """Return the path or URL under which a representation can be opened.

        A path is that of the first library in which something lies there; ask the
        `home` of a record, where there is one.
        """
        if is_remote(representation.url):
            return representation.url
        members, failed = self.members, None
        futures = [
            one.ask(lambda lib: _located(lib, representation)) for one in members
        ]
        until = time.monotonic() + self._deadline_s
        places = []
        for member, future in zip(members, futures, strict=True):
            try:
                places.append(self._result(member, future, until))
            except CellibError as error:  # does not hide what the others have
                failed = error
        if found := next((where for where, is_there in places if is_there), None):
            return found
        if failed is not None:
            raise failed
        return places[0][0] if places else representation.url

    def home(self, record: ImageRecord) -> Library:
        """Return the library that a record came from.

        Raises
        ------
        RecordNotFound
            When it is none of these.
        """
        member = self.member(record.library or "")
        if member is None:
            raise RecordNotFound(record.id, library=self._info.name)
        return member.library()

    def close(self) -> None:
        """Close all libraries; those that are answering, as soon as they have."""
        for member in self._members.values():
            member.close()

    def _found(self, record_id: str, grace_s: float) -> Holder:
        members: Sequence[Member] = self.members
        if record_id.lower().startswith(SCHEME):
            address = Address.parse(record_id)
            members = [one for one in members if one.id == address.library]
            record_id = address.record
        patience = Patience(self._deadline_s, grace_s)
        return find_holder(members, record_id, patience, among=self._info.name)

    def _answer(self, member: Member, question: Callable[[Library], T]) -> T:
        until = time.monotonic() + self._deadline_s
        return self._result(member, member.ask(question), until)

    def _result(self, member: Member, future: Future[T], until: float) -> T:
        try:
            return future.result(max(0.0, until - time.monotonic()))
        except TimeoutError as error:
            seconds = self._deadline_s
            raise LibraryUnreachable(member.name, seconds=seconds) from error


def _text_of(question: Query) -> str:
    return question.model_dump_json()


def _unique(key: str, taken: Iterable[str]) -> str:
    """Tell libraries apart that have the same id, as a copied folder has."""
    numbers = (f"-{number}" if number > 1 else "" for number in range(1, 10_000))
    return next(key + number for number in numbers if key + number not in taken)


def _located(library: Library, representation: Representation) -> tuple[str, bool]:
    where = library.locate(representation)
    return where, is_remote(where) or Path(where).exists()
