"""A PostgreSQL server that lives as long as a test or a benchmark."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cellib.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Iterator

_FAST = "fsync=off synchronous_commit=off full_page_writes=off listen_addresses="


@contextmanager
def scratch_postgres(*settings: str) -> Iterator[str]:
    """Start a server of its own, and stop and delete it afterwards.

    Nobody reaches it but by a socket in a temporary folder. It forgets everything when
    the machine stops, so that it is quick.

    Parameters
    ----------
    *settings : str
        More settings of the server, as in ``"shared_buffers=256MB"``.

    Yields
    ------
    str
        Address of its first database.

    Raises
    ------
    MissingExtra
        When PostgreSQL is not installed, or nobody but root is here to run it.
    """
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="cellib-pg-"))
    account = _account()
    try:
        if account:
            shutil.chown(folder, account["user"])
        data = folder / "data"
        run = [programs / "initdb", "-D", data, "-A", "trust", "-U", "cellib"]
        _run([*run, "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"], account)
        options = [f"-c {one}" for one in (*_FAST.split(), *settings)]
        start = [programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "start"]
        _run([*start, "-o", f"-k {folder} {' '.join(options)}"], account)
        try:
            yield f"postgresql://cellib@/postgres?host={folder}"
        finally:
            stop = [programs / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop"]
            _run(stop, account)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    homes = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    for path in sorted(homes, key=lambda path: float(path.parts[-3]), reverse=True):
        return path.parent
    raise MissingExtra("A server of PostgreSQL", install="apt install postgresql")


def _account() -> dict[str, Any]:
    """Return who runs the server, which root must not; empty for whoever this is."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return {}
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in names:
            return {"user": name}
    raise MissingExtra("A server of PostgreSQL", install="adduser postgres")


def _run(command: list[object], account: dict[str, Any]) -> None:
    subprocess.run(
        [str(word) for word in command],
        check=True,
        # Not a pipe: the server would keep it open.
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        cwd="/",
        **account,
    )
