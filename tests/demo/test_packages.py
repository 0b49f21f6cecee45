from __future__ import annotations

import sys
from threading import Event

import pytest

from napari_cellib.demo import packages
from napari_cellib.errors import JobCancelled
from napari_cellib.jobs import drive


def a_package(folder, name="some-images", member="some_images/cell.png"):
    """Put a package where `fetch_packages` would have put it."""
    info = folder / name / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0")
    path = folder / name / member
    path.parent.mkdir(parents=True)
    path.write_bytes(b"png")
    return path


def test_a_file_of_an_installed_package_is_found_without_importing_it(tmp_path):
    sys.modules.pop("skimage", None)

    path = packages.find_file("scikit-image", "skimage/data/cell.png", tmp_path)

    assert path is not None
    assert path.read_bytes()[1:4] == b"PNG"
    assert "skimage" not in sys.modules


def test_a_file_of_a_package_in_the_folder_is_found(tmp_path):
    path = a_package(tmp_path)

    assert (
        packages.find_file("some-images", "some_images/cell.png", tmp_path).read_bytes()
        == path.read_bytes()
    )


def test_a_missing_package_or_member_is_none(tmp_path):
    a_package(tmp_path)

    assert packages.find_file("no-such-package-here", "a.png", tmp_path) is None
    assert packages.find_file("some-images", "some_images/b.png", tmp_path) is None


def test_what_is_there_already_is_not_fetched_again(tmp_path, monkeypatch):
    a_package(tmp_path)
    monkeypatch.setenv("UV", "/no/such/program")

    assert drive(packages.fetch_packages(["some-images"], tmp_path)) == {}


def an_installer(tmp_path, monkeypatch, body: str) -> None:
    """Stand a small program in for uv: tests do not download."""
    script = tmp_path / "uv"
    script.write_text(f"#!{sys.executable}\n{body}")
    script.chmod(0o755)
    monkeypatch.setenv("UV", str(script))


needs_scripts = pytest.mark.skipif(
    sys.platform == "win32", reason="a script is no program on Windows"
)


@needs_scripts
def test_a_fetched_package_appears_only_when_it_is_complete(tmp_path, monkeypatch):
    an_installer(
        tmp_path,
        monkeypatch,
        "import pathlib, sys\n"
        "target = pathlib.Path(sys.argv[sys.argv.index('--target') + 1])\n"
        "(target / 'x.png').write_text('x')\n",
    )

    assert drive(packages.fetch_packages(["new-one"], tmp_path / "p")) == {}
    assert [p.name for p in (tmp_path / "p").glob("[!.]*")] == ["new-one"]


@needs_scripts
def test_a_failed_fetch_says_why_and_leaves_nothing(tmp_path, monkeypatch):
    an_installer(
        tmp_path, monkeypatch, "import sys\nsys.exit('first\\n  no such package  ')"
    )

    failed = drive(packages.fetch_packages(["new-one"], tmp_path / "p"))

    assert failed == {"new-one": "no such package"}
    assert not list((tmp_path / "p").glob("[!.]*"))


@needs_scripts
def test_a_cancelled_fetch_stops_the_installer_and_leaves_nothing(
    tmp_path, monkeypatch
):
    an_installer(tmp_path, monkeypatch, "import time\ntime.sleep(60)")
    cancel = Event()

    with pytest.raises(JobCancelled):
        drive(
            packages.fetch_packages(["new-one"], tmp_path / "p"),
            lambda _: cancel.set(),
            cancel,
        )

    assert not list((tmp_path / "p").glob("[!.]*"))


def test_pip_is_used_where_there_is_no_uv(tmp_path, monkeypatch):
    monkeypatch.delenv("UV", raising=False)
    monkeypatch.setenv("PATH", "")

    command = packages.install_command("a", tmp_path)

    assert command is None or command[:3] == [sys.executable, "-m", "pip"]
