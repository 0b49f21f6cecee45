"""A library in a PostgreSQL database, for many people at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from napari_cellib.errors import LibraryExists, LibraryNotFound, LibraryReadOnly
from napari_cellib.jobs import drive
from napari_cellib.library import postgres
from napari_cellib.library.blobs import Blobs
from napari_cellib.library.catalogue import Catalogue
from napari_cellib.library.catalogued import CataloguedLibrary
from napari_cellib.library.checks import check_database
from napari_cellib.library.database import Database, fact, set_fact
from napari_cellib.library.marker import Marker
from napari_cellib.library.search.postgres_index import PostgresIndex
from napari_cellib.library.tables import record
from napari_cellib.library.vocabulary import Vocabulary

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from napari_cellib.library.postgres import DatabaseAddress
    from napari_cellib.model import Problem
    from napari_cellib.ontology import Terms

# The rows of `meta` that say which library it is.
_ID, _NAME = "library", "library name"


class DatabaseLibrary(CataloguedLibrary):
    """A library in PostgreSQL; made by `create`, opened by `open`.

    Its records and its index are in the database; its files are in the folder that
    ``?files=`` in the address names, if it has any.
    """

    @classmethod
    def create(
        cls, address: str, *, id: str, name: str, terms: Terms | None = None
    ) -> DatabaseLibrary:
        """Make a new, empty library in a database.

        Parameters
        ----------
        address : str
            As in ``postgresql://user@host/database?files=/srv/images``.
        id : str
            Short name for addresses: lower-case letters, digits and hyphens.
        name : str
            Full name, for people.
        terms : Terms, optional
            Say what lies above a term; those of the program by default. The caller
            closes them, after the library.

        Returns
        -------
        DatabaseLibrary
            The library, opened.

        Raises
        ------
        LibraryExists
            When the database holds a library already.
        DatabaseUnreachable
            When the database cannot be used.
        """
        marker = Marker(id=id, name=name)
        where = postgres.DatabaseAddress.parse(address)
        database = Database(postgres.engine(where), str(where))
        try:
            with database.reading() as connection:
                postgres.check_version(connection, str(where))
                if found := _id_in(connection):
                    raise LibraryExists(str(where), found=found)
            catalogue = Catalogue(database, Vocabulary(terms))
            catalogue.prepare()
            with database.writing() as connection:
                if found := fact(connection, _ID):  # another program was quicker
                    raise LibraryExists(str(where), found=found)
                set_fact(connection, _ID, marker.id)
                set_fact(connection, _NAME, marker.name)
            made = cls._of(where, marker, catalogue, database, writable=True)
            # So that whoever may only read finds the tables that are searched.
            drive(made.update_index())
            return made
        except BaseException:
            database.close()
            raise

    @classmethod
    def open(cls, address: str, *, terms: Terms | None = None) -> DatabaseLibrary:
        """Open the library in a database.

        Parameters
        ----------
        address : str
            As in ``postgresql://user@host/database?files=/srv/images``.
        terms : Terms, optional
            Say what lies above a term; those of the program by default. The caller
            closes them, after the library.

        Returns
        -------
        DatabaseLibrary
            The library; it is read-only for a user who may not write.

        Raises
        ------
        LibraryNotFound
            When the database holds no library.
        DatabaseUnreachable
            When the database cannot be used.
        LibraryTooNew
            When a newer program has written it; it is left as it is.
        """
        where = postgres.DatabaseAddress.parse(address)
        database = Database(postgres.engine(where), str(where))
        try:
            return cls._opened(where, database, Vocabulary(terms))
        except BaseException:
            database.close()
            raise

    def check(self) -> list[Problem]:
        """Look for whatever is wrong with the library; nothing is changed."""
        return check_database(
            self._where,
            self._catalogue,
            self._index,
            self._blobs,
            self._catalogue.vocabulary.problem,
            writable=self._obstacle is None,
        )

    @classmethod
    def _opened(
        cls, where: DatabaseAddress, database: Database, vocabulary: Vocabulary
    ) -> DatabaseLibrary:
        with database.reading() as connection:
            postgres.check_version(connection, str(where))
            library_id = _id_in(connection)
            if library_id is None:
                raise LibraryNotFound(
                    str(where), fix="Make it with DatabaseLibrary.create."
                )
            name = fact(connection, _NAME)
            writable = bool(connection.scalar(text(_MAY_WRITE)))
        catalogue = Catalogue(database, vocabulary)
        if writable:
            catalogue.prepare()
        elif catalogue.is_outdated():
            raise LibraryReadOnly(str(where))  # and its tables must be changed
        marker = Marker(id=library_id, name=name or library_id)
        return cls._of(where, marker, catalogue, database, writable=writable)

    @classmethod
    def _of(
        cls,
        where: DatabaseAddress,
        marker: Marker,
        catalogue: Catalogue,
        database: Database,
        *,
        writable: bool,
    ) -> DatabaseLibrary:
        index = PostgresIndex(catalogue, database, marker.id)
        blobs = Blobs(where.files) if where.files else None
        obstacle = None if writable else LibraryReadOnly
        return cls(marker, str(where), catalogue, index, blobs, obstacle=obstacle)


def _id_in(connection: Connection) -> str | None:
    """Return the id of the library in a database; None where none was made whole."""
    there = inspect(connection).has_table(record.name)
    return fact(connection, _ID) if there else None


_MAY_WRITE = (
    "SELECT has_table_privilege('record', 'INSERT') AND NOT pg_is_in_recovery()"
)
