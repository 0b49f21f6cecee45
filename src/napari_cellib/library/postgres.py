"""All that is particular to PostgreSQL: addresses, connections, what errors mean."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from napari_cellib.errors import (
    DatabaseUnreachable,
    LibraryBusy,
    LibraryDamaged,
    LibraryNotFound,
    LibraryReadOnly,
    MissingExtra,
    RecordInvalid,
    StorageFull,
)

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

    from napari_cellib.errors import CellibError

_OLDEST = 12
_CONNECT_TIMEOUT_S = 10
_LOCK_TIMEOUT_S = 10
_STATEMENT_TIMEOUT_S = 60
_CONNECTIONS = 5
# Whoever writes takes this lock first; any number that no other program uses will do.
_WRITERS = 0x63656C6C6962
_REFUSED = ("28", "3D000")
_REFUSED_WORDS = ("authentication", "does not exist", "password", "pg_hba")
_BUSY = ("55P03", "40001", "40P01")
_FULL = ("53100", "53200")
_NOT_ALLOWED = ("42501", "25006")
_CONNECTION = ("08", "53300", "57")
_DATA = "22"


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """Where a database is, and where the files of its library are.

    Attributes
    ----------
    url : sqlalchemy.URL
        The database; it may hold a password.
    files : pathlib.Path or None
        The folder of files, from ``?files=`` in the address.
    """

    url: URL
    files: Path | None

    @classmethod
    def parse(cls, text: str) -> DatabaseAddress:
        """Read an address such as ``postgresql://user@host/name?files=/srv/files``.

        Raises
        ------
        LibraryNotFound
            When it is none. What is wrong is not quoted: it may be the password.
        """
        fix = "Write postgresql://USER@HOST/DATABASE."
        try:
            url = make_url(text)
            url = url.set(drivername="postgresql+psycopg")
        except (ArgumentError, ValueError):
            # Without a cause, in which the address would stand.
            raise LibraryNotFound("postgresql://…", fix=fix) from None
        files = url.query.get("files")
        url = url.difference_update_query(["files"])
        return cls(url, Path(files).expanduser() if isinstance(files, str) else None)

    def __str__(self) -> str:
        """Return the address as it may be shown: without password and options."""
        user = f"{self.url.username}@" if self.url.username else ""
        port = f":{self.url.port}" if self.url.port else ""
        host = self.url.host or self.url.query.get("host") or "localhost"
        return f"postgresql://{user}{host}{port}/{self.url.database or ''}"


def engine(address: DatabaseAddress) -> Engine:
    """Return an engine on a database that many programs may use at once.

    Parameters
    ----------
    address : DatabaseAddress
        Where it is; nothing is asked of it yet.

    Returns
    -------
    sqlalchemy.Engine
        Transactions see one state of the database. Those that are marked with the
        option ``writes`` come one after the other.

    Raises
    ------
    MissingExtra
        When the driver is not installed.
    """
    settings = {
        "application_name": "napari-cellib",
        "statement_timeout": _STATEMENT_TIMEOUT_S * 1000,
        "lock_timeout": _LOCK_TIMEOUT_S * 1000,
        # Going through all records means to unpack the words of each, which takes far
        # longer than the server reckons; an index answers without.
        "enable_seqscan": "off",
        "jit": "off",  # as long as a search itself
    }
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    try:
        made = create_engine(
            address.url,
            pool_size=_CONNECTIONS,
            pool_pre_ping=True,  # the server may have been started anew
            connect_args={
                "connect_timeout": _CONNECT_TIMEOUT_S,
                "options": options,
                # A search is planned for what it asks for, not for any.
                "prepare_threshold": None,
            },
            hide_parameters=True,
        )
    except ImportError as error:
        raise MissingExtra(
            "A library in PostgreSQL", install='pip install "napari-cellib[postgresql]"'
        ) from error
    event.listen(made, "begin", _begin)
    event.listen(made, "before_cursor_execute", _without_nul, retval=True)
    # Of its own accord, the driver begins a transaction in this way.
    return made.execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    )


def check_version(connection: Connection, where: str) -> None:
    """Refuse a server that is too old for what is asked of it."""
    found = connection.dialect.server_version_info or (0,)
    if int(found[0]) < _OLDEST:
        raise DatabaseUnreachable(
            where,
            f"its server is PostgreSQL {'.'.join(map(str, found))}",
            fix=f"Use PostgreSQL {_OLDEST} or a later version.",
        )


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql(
            "SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE"
        )
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS})")


def _without_nul(
    connection: Connection,
    cursor: object,
    statement: str,
    parameters: Any,
    context: object,
    many: bool,
) -> tuple[str, Any]:
    """Replace the one character that PostgreSQL cannot store, also in what is asked."""
    if many:
        return statement, [_clean(row) for row in parameters]
    return statement, _clean(parameters)


def _clean(row: Any) -> Any:
    if isinstance(row, dict):
        return {name: _plain(value) for name, value in row.items()}
    return tuple(map(_plain, row))


def _plain(value: Any) -> Any:
    if isinstance(value, str) and "\0" in value:
        return value.replace("\0", "\ufffd")
    return value


def explained(error: BaseException | None, where: str) -> CellibError:
    """Return the error that tells a user what an error of the driver means."""
    code: str = getattr(error, "sqlstate", None) or ""
    text = " ".join(str(error).split()).rstrip(".")
    if code.startswith(_BUSY):
        return LibraryBusy(where)
    if code.startswith(_FULL):
        return StorageFull(where)
    if code.startswith(_NOT_ALLOWED):
        return LibraryReadOnly(where)
    if code.startswith(_DATA):
        return RecordInvalid("A record", text)
    # One that comes before there is a connection has no code.
    if not code or code.startswith((*_CONNECTION, *_REFUSED)):
        fix = "See whether the server runs and can be reached, then try again."
        refused = any(word in text for word in _REFUSED_WORDS)
        if refused or code.startswith(_REFUSED):
            fix = "Check the user, the password and the database in its address."
        return DatabaseUnreachable(where, text, fix=fix)
    return LibraryDamaged(where, text)
