"""What a user meets is somewhere in the documentation, and what it names exists."""

from __future__ import annotations

import argparse
import re
import tomllib
from pathlib import Path

import pytest
from npe2 import PluginManifest

import napari_cellib
from napari_cellib import cli, errors
from napari_cellib.demo.images import demo_images
from napari_cellib.errors import CellibError
from napari_cellib.model import (
    CreditRole,
    FacetField,
    Kind,
    Medium,
    Sort,
    Status,
    TermField,
)
from napari_cellib.settings import Settings

CHECKOUT = Path(__file__).resolve().parents[2]
DOCS = CHECKOUT / "docs"
SOURCES = CHECKOUT / "src" / "napari_cellib"
TEXTS = sorted(
    [*CHECKOUT.glob("*.md"), *DOCS.rglob("*.md"), *(CHECKOUT / ".github").rglob("*.md")]
)

ERRORS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type)
    and issubclass(kind, CellibError)
    and kind is not CellibError
]


def page(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def parsers() -> dict[str, argparse.ArgumentParser]:
    (commands,) = (
        action
        for action in cli._parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    return dict(commands.choices)


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_is_explained_where_people_look_for_it(kind):
    assert f"`{kind.__name__}`" in page("how-to/troubleshooting.md")


def test_troubleshooting_explains_no_error_that_is_gone():
    named = re.findall(r"^\s*`([A-Z]\w+)`", page("how-to/troubleshooting.md"), re.M)

    assert set(named) == {kind.__name__ for kind in ERRORS}


def test_troubleshooting_quotes_the_words_of_the_errors():
    """A heading is the message with `…` for what varies."""
    files = (SOURCES / "errors").glob("*.py")
    text = re.sub(r"\s+", " ", "".join(file.read_text("utf-8") for file in files))
    said = re.sub(r"\{[^{}]*\}", "…", text)
    for heading in re.findall(r"^### (.+)$", page("how-to/troubleshooting.md"), re.M):
        for piece in re.split("…", heading):
            assert piece.strip(" .'\"") in said, heading


@pytest.mark.parametrize("name", parsers())
def test_every_command_and_option_is_described(name):
    section = re.search(
        rf"^## {name}$(.*?)(?=^## |\Z)",
        page("reference/command-line.md"),
        re.MULTILINE | re.DOTALL,
    )
    assert section, f"no section about cellib {name}"
    for action in parsers()[name]._actions:
        for option in action.option_strings:
            if option not in ("-h", "--help"):
                assert f"`{option}" in section[1], option
        for choice in action.choices or ():
            assert str(choice) in section[1], choice


def test_every_field_and_order_of_a_search_is_described():
    text = page("reference/command-line.md")

    for name in [*FacetField, *Sort]:
        assert f"`{name}`" in text or f" {name}`" in text, name


def test_every_setting_and_its_environment_variable_is_described():
    text = page("reference/settings.md")
    variables = re.findall(r'"(CELLIB_\w+)"', (SOURCES / "settings.py").read_text())

    for name in [*Settings.model_fields, *variables]:
        assert f"`{name}`" in text, name


def test_every_contribution_to_napari_is_described():
    manifest = PluginManifest.from_file(SOURCES / "napari.yaml").contributions
    pages = ("open-images", "save-layers", "links-and-addresses")
    text = "".join(page(f"how-to/{name}.md") for name in pages)
    names = ("search", "deposit", "annotate", "compare", "similar")
    panels = "".join(page(f"how-to/{name}.md") for name in names)

    for widget in manifest.widgets or ():
        assert f"**{widget.display_name}**" in panels
    for reader in manifest.readers or ():
        for pattern in reader.filename_patterns:
            assert f"`{pattern}`" in text, pattern
    for sample in manifest.sample_data or ():
        assert sample.display_name in text, sample.key
    for command in manifest.commands or ():
        assert f"`{command.id}`" in text + panels, command.id


def test_everything_that_the_package_exports_is_in_the_reference():
    text = page("reference/python.md") + page("reference/record.md")

    for name in napari_cellib.__all__:
        home = getattr(napari_cellib, name).__module__
        room = home.rpartition(".")[0]
        named = rf"^::: (\S+\.{name}|{home}|{room})$"
        assert re.search(named, text, re.MULTILINE), name


def test_every_value_that_a_record_or_a_query_can_have_is_described():
    text = page("reference/record.md")

    for kind in (CreditRole, FacetField, Kind, Medium, Sort, Status, TermField):
        section = text.partition(f".{kind.__name__}\n")[2].partition(":::")[0]
        assert re.findall(r"`([\w-]+)`", section) == [value.value for value in kind]


def test_the_notice_names_every_picture_of_the_demo():
    text = (CHECKOUT / "NOTICE").read_text("utf-8")

    for image in demo_images():
        assert image.accession in text
        assert re.search(rf"^{image.package} \(", text, re.MULTILINE)
        assert Path(image.file).name in text
        for article in image.publications:
            assert article.doi in text


def test_the_pages_name_only_images_of_the_demo():
    known = {image.accession for image in demo_images()}

    for path in TEXTS:
        named = set(re.findall(r"\bCLB\d{6}[\dX]\b", path.read_text("utf-8")))
        assert named <= known, path.name


def test_the_rooms_that_the_architecture_names_exist():
    text = (CHECKOUT / "ARCHITECTURE.md").read_text("utf-8")
    table = re.findall(r"^\| (`.+?`) \|", text, re.MULTILINE)
    named = re.findall(r"`([\w/.]+)`", " ".join(table) + text)

    for name in named:
        if name.endswith((".py", "/", ".yaml")) and name != "src/napari_cellib":
            assert (SOURCES / name).exists() or (CHECKOUT / name).exists(), name
    described = {name.rstrip("/") for name in named}
    there = {
        path.name
        for path in SOURCES.iterdir()
        if path.name != "__pycache__" and (path.is_dir() or path.name[0] != "_")
    }
    assert there - {"py.typed", "doctor.py"} <= described


def test_the_extras_that_the_pages_name_exist():
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["project"]
    for path in TEXTS:
        for extra in re.findall(r"napari-cellib\[(\w+)\]", path.read_text("utf-8")):
            assert extra in project["optional-dependencies"], path.name


def test_the_benchmarks_and_the_page_about_them_know_each_other():
    text = page("performance.md")
    named = set(re.findall(r"benchmarks/(\w+\.py)", text))

    assert named == {path.name for path in (CHECKOUT / "benchmarks").glob("*.py")}
