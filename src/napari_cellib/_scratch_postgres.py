"""A PostgreSQL server that lives as long as a test or a benchmark."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cellib.errors import DatabaseUnreachable, MissingExtra

if TYPE_CHECKING:
    from collections.abc import Iterator

# Ends the server when its own input ends: also where this program was killed.
_GUARD = """
"$1" -D "$0/data" -w -l "$0/log" -o "$2" start && touch "$0/up" && cat > /dev/null
"$1" -D "$0/data" -w -m immediate stop
rm -rf "$0"
"""
# No pipes: the server would keep them open.
_SILENT: dict[str, Any] = {
    "stdin": subprocess.DEVNULL,
    "stdout": subprocess.DEVNULL,
    "stderr": subprocess.DEVNULL,
    "cwd": "/",
}
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
        init = [str(programs / "initdb"), "-D", str(folder / "data"), "-A", "trust"]
        init += ["-U", "cellib", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"]
        subprocess.run(init, check=True, **_SILENT, **account)
        options = [f"-c {one}" for one in (*_FAST.split(), *settings)]
        words = [str(programs / "pg_ctl"), f"-k {folder} {' '.join(options)}"]
        guard = subprocess.Popen(
            ["sh", "-c", _GUARD, str(folder), *words],
            start_new_session=True,
            **{**_SILENT, "stdin": subprocess.PIPE},
            **account,
        )
        try:
            _wait_until_up(folder, guard)
            yield f"postgresql://cellib@/postgres?host={folder}"
        finally:
            guard.communicate()  # closes its input, and waits for its end
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_up(folder: Path, guard: subprocess.Popen[bytes]) -> None:
    while not (folder / "up").exists():
        if guard.poll() is not None:
            reason = "its server does not start"
            fix = "See whether initdb and pg_ctl are of one version."
            raise DatabaseUnreachable(str(folder), reason, fix=fix)
        time.sleep(0.02)


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
