"""The journal of what was said and is not in a library yet."""

from __future__ import annotations

import signal
import sys
import time
from typing import TYPE_CHECKING

import pytest
from tests.annotate.sayings import CELL_TYPE, NEURON, a_region

from napari_cellib.annotate import saying
from napari_cellib.annotate.pending import Pending
from napari_cellib.errors import JournalBusy, JournalUnreadable
from napari_cellib.locks import try_lock
from napari_cellib.model.statement import Remark, Statements

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from napari_cellib.annotate.saying import Speaker

    Start = Callable[..., subprocess.Popen[str]]

SUBJECT = "cellib://lab/CLB000001X"
_TYPIST = """
import sys
from pathlib import Path
from napari_cellib.annotate.pending import Pending
from napari_cellib.model.statement import Remark

pending = Pending.open(Path(sys.argv[1]), sys.argv[2])
for number in range(int(sys.argv[4])):
    pending.add(Remark(text=f"{sys.argv[3]} {number}"))
    print(number, flush=True)
"""


def test_what_was_said_is_there_after_napari_was_closed(
    tmp_path: Path, jane: Speaker
) -> None:
    note, region = saying.say(jane, CELL_TYPE, NEURON), a_region()
    first = Pending.open(tmp_path, SUBJECT)
    first.add(note, region)
    first.add(Remark(text="Größe?"))
    first.close()
    second = Pending.open(tmp_path, SUBJECT).said
    assert second == first.said
    assert second.annotations == (note,)
    assert second.keys == {note.key, region.key, Remark(text="Größe?").key}


def test_each_subject_has_its_own(tmp_path: Path) -> None:
    Pending.open(tmp_path, SUBJECT).add(a_region())
    assert Pending.open(tmp_path, f"{SUBJECT}2").said == Statements()


def test_what_is_taken_back_is_forgotten_and_may_be_said_again(tmp_path: Path) -> None:
    pending = Pending.open(tmp_path, SUBJECT)
    remark = Remark(text="No")
    pending.add(a_region(), remark)
    pending.take_back(remark.key)
    assert pending.said.remarks == ()
    pending.add(remark)
    assert Pending.open(tmp_path, SUBJECT).said.remarks == (remark,)


def test_what_was_written_is_cleared_and_what_came_meanwhile_stays(
    tmp_path: Path,
) -> None:
    pending = Pending.open(tmp_path, SUBJECT)
    pending.add(a_region())
    written = pending.said.keys
    other = Pending.open(tmp_path, SUBJECT)
    other.add(Remark(text="Meanwhile"))
    pending.clear(written)
    assert pending.said == other.said == Statements(remarks=(Remark(text="Meanwhile"),))
    pending.clear(pending.said.keys)
    assert list(tmp_path.glob("*.jsonl")) == []
    pending.clear(written)  # and once more is no harm


@pytest.mark.parametrize("torn", [b'\n{"said": {"rema', b"\n", b'\n{"said": "\xff\xfe'])
def test_a_torn_line_is_skipped_and_stays_by_itself(
    tmp_path: Path, torn: bytes
) -> None:
    pending = Pending.open(tmp_path, SUBJECT)
    pending.add(Remark(text="before"))
    (file,) = tmp_path.glob("*.jsonl")
    with file.open("ab") as journal:
        journal.write(torn)
    pending.add(Remark(text="after"))
    texts = [remark.text for remark in Pending.open(tmp_path, SUBJECT).said.remarks]
    assert texts == ["before", "after"]


@pytest.mark.parametrize(
    "line", [b'{"format": 2, "subject": "x"}', b'{"said": {"poems": []}}', b"[1]"]
)
def test_a_journal_of_a_newer_program_is_refused_and_left(
    tmp_path: Path, line: bytes
) -> None:
    pending = Pending.open(tmp_path, SUBJECT)
    pending.add(Remark(text="before"))
    (file,) = tmp_path.glob("*.jsonl")
    newer = file.read_bytes() + b"\n" + line + b"\n"
    file.write_bytes(newer)
    with pytest.raises(JournalUnreadable, match="Update napari-cellib"):
        Pending.open(tmp_path, SUBJECT)
    assert file.read_bytes() == newer


def test_who_does_not_let_go_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("napari_cellib.annotate.pending._PATIENCE_S", 0.05)
    lock = try_lock(tmp_path / "lock")
    assert lock is not None
    with pytest.raises(JournalBusy, match="Another program"):
        Pending.open(tmp_path, SUBJECT).add(a_region())
    lock.close()
    Pending.open(tmp_path, SUBJECT).add(a_region())


def test_two_programs_at_once_lose_nothing(tmp_path: Path, start_python: Start) -> None:
    programs = [start_python(_TYPIST, tmp_path, SUBJECT, name, 30) for name in "ab"]
    for program in programs:
        program.communicate()
    assert [program.returncode for program in programs] == [0, 0]
    found = {remark.text for remark in Pending.open(tmp_path, SUBJECT).said.remarks}
    assert found == {f"{name} {number}" for name in "ab" for number in range(30)}


@pytest.mark.skipif(sys.platform == "win32", reason="needs kill -9")
def test_kill_9_loses_nothing_typed(tmp_path: Path, start_python: Start) -> None:
    program = start_python(_TYPIST, tmp_path, SUBJECT, "a", 100_000)
    assert program.stdout is not None
    told = [program.stdout.readline() for _ in range(20)]
    time.sleep(0.01)
    program.send_signal(signal.SIGKILL)
    told += program.stdout.readlines()
    pending = Pending.open(tmp_path, SUBJECT)
    texts = [remark.text for remark in pending.said.remarks]
    assert len(told) - 1 <= len(texts)  # the last line told may be torn itself
    assert texts == [f"a {number}" for number in range(len(texts))]
    pending.add(Remark(text="and on"))  # no lock was left behind
    assert len(pending.said.remarks) == len(texts) + 1
