from __future__ import annotations

import json

import pytest

from napari_cellib.archives.cil.ledger import Fate
from napari_cellib.archives.cil.pages import (
    find_path,
    is_of_page,
    read_found,
    read_page,
)
from napari_cellib.errors import RecordInvalid
from napari_cellib.model import Provenance, TermField
from napari_cellib.testing import a_record

CC = "creativecommons.org"


@pytest.fixture
def read_it(page, hosts):
    """Return what makes a record of a page; parts of its second block may be given."""

    def read_it(text=None, wanted="CIL:901", **more):
        return read_page(text or page(**more), wanted, hosts=hosts)

    return read_it


def in_blocks(*blocks):
    return "".join(
        f"<script type='application/ld+json'>{json.dumps(block)}</script>"
        for block in blocks
    )


def test_two_blocks_of_one_image_become_a_record(read_it):
    record = read_it().record

    assert record.id == "CIL:901"
    assert record.title == "Cilia of E. coli's neighbours"
    assert [person.name for person in record.contributors] == ["Ann Day", "Bob Fox"]
    assert record.dates.published == "2011"
    assert record.identifiers.doi == "10.7295/W9CIL901"
    assert record.citation == (
        "Ann Day; Bob Fox (2011) CIL:901, Paramecium tetraurelia, ciliated cell. "
        "CIL. Dataset"
    )
    assert (record.licence.spdx, record.licence.version_assumed) == (
        "CC-BY-NC-SA-3.0", False,
    )  # fmt: skip
    assert record.representation("interchange").url == (
        "https://files.example/media/images/901/901.tif"
    )
    assert [r.width for r in record.representations[1:]] == [220, 512, 140]
    assert record.landing_page == "https://site.example/images/901"


def test_organism_and_cell_type_are_words_without_identifiers(read_it):
    record = read_it().record

    (organism,) = record.terms(TermField.ORGANISM)
    (cell_type,) = record.terms(TermField.CELL_TYPE)
    assert (organism.text, organism.id) == ("Paramecium tetraurelia", None)
    assert cell_type.text == "ciliated cell"


def test_a_record_of_a_page_says_that_it_is_one(read_it, read):
    record = read_it().record

    assert record.provenance.adapter.startswith("cil page")
    assert record.provenance.url == record.landing_page
    assert is_of_page(record)
    assert not is_of_page(read().record)
    assert not is_of_page(a_record(provenance=Provenance(source="A package")))
    assert not is_of_page(a_record())


def test_nothing_that_the_blocks_say_is_lost(read_it, check_nothing_is_lost):
    mapped = read_it(
        creator=[{"@type": "Person", "name": "Day, Ann"}, "Bob&nbsp;Fox"],
        datePublished="2011-05-31",
        keywords=["cilia"],
    )

    check_nothing_is_lost(mapped.record.raw, mapped)
    kept = {entry.path for entry in mapped.entries if entry.fate is Fate.KEPT_RAW}
    assert "datasets[1].keywords[0]" in kept
    assert mapped.record.dates.published == "2011-05-31"


@pytest.mark.parametrize(
    ("address", "spdx", "name"),
    [
        (f"https://{CC}/licenses/by/4.0/", "CC-BY-4.0", None),
        (f"http://{CC}/licenses/by-nd/3.0/legalcode", "CC-BY-ND-3.0", None),
        (f"http://{CC}/choose/publicdomain-3?lang=en", None, "publicdomain"),
        ("All rights reserved", None, None),
        ({"@type": "CreativeWork", "url": f"https://{CC}/licenses/by/3.0/"},
         "CC-BY-3.0", None),
    ],
)  # fmt: skip
def test_a_licence_is_what_its_address_says(read_it, address, spdx, name):
    licence = read_it(license=address).record.licence

    assert licence.spdx == spdx
    assert (name or "") in (licence.url or "")
    if isinstance(address, str):
        assert licence.raw == address


def test_without_a_licence_none_is_made_up(read_it):
    assert read_it(license=None).record.licence is None


def test_things_may_be_lists_or_objects_and_what_is_odd_is_refused(read_it):
    mapped = read_it(
        image=["https://files.example/a.png", "data:image/png;base64,AA"],
        distribution=[
            {"contentUrl": "https://files.example/media/videos/901/901.flv"},
            {"contentUrl": "javascript:alert(1)"},
            {"contentUrl": "http://[bad"},
            {"contentUrl": "https://files.example/page.html"},
        ],
    )
    record = mapped.record

    assert record.representation("movie").url == (
        "https://files.example/media/videos/901/901_web.mp4"
    )
    assert record.representations[-1].url == "https://files.example/a.png"
    refused = [entry.value for entry in mapped.entries if entry.fate is Fate.REFUSED]
    assert refused == [
        "javascript:alert(1)", "http://[bad", "https://files.example/page.html",
    ]  # fmt: skip


def test_blocks_of_other_images_and_of_other_things_are_passed_over(read_it, page):
    other = {
        "@type": "Dataset", "name": "CIL:902. CIL. Dataset",
        "description": "Somebody else's.",
    }  # fmt: skip
    text = in_blocks(other, {"@type": "Organization", "name": "CIL:901"}, 7) + page()

    record = read_it(text).record

    assert len(record.raw["datasets"]) == 2
    assert "Somebody" not in record.description


def test_a_block_that_is_broken_or_in_a_graph_is_no_trouble(read_it):
    good = {
        "@type": ["Thing", "Dataset"],
        "identifier": "https://doi.org/10.7295/W9CIL901",
    }
    text = (
        '<script type="application/ld+json">{"@type": "Dataset", </script>'
        + in_blocks({"@graph": [good]})
    )

    record = read_it(text).record

    assert record.title == "Image CIL:901"
    assert record.identifiers.doi == "10.7295/W9CIL901"


def test_line_ends_within_a_text_are_taken_as_they_are(read_it, page):
    text = page(description="One.@Two.").replace("@Two", "\nTwo")

    assert read_it(text).record.description == "One.\nTwo."


@pytest.mark.parametrize(
    ("written", "published"),
    [
        ("2012-05", "2012-05"), ("2012-05-31T10:00:00Z", "2012-05-31"),
        ("31 May 2012", "2011"), (None, "2011"),
    ],
)  # fmt: skip
def test_a_date_is_taken_as_far_as_it_is_one(read_it, written, published):
    record = read_it(datePublished=written).record

    assert record.dates.published == published


def test_a_citation_in_another_form_is_kept_and_names_nobody(read_it):
    text = in_blocks({"@type": "Dataset", "name": "Cilia, by Ann Day. CIL:901 (2011)"})

    record = read_it(text).record

    assert record.citation == "Cilia, by Ann Day. CIL:901 (2011)"
    assert record.contributors == ()
    assert record.title == "Image CIL:901"


def test_a_block_may_name_its_image_by_the_address_of_its_page(read_it):
    text = in_blocks({"@type": "Dataset", "url": "https://site.example/images/901"})

    assert read_it(text).record.id == "CIL:901"


def test_markup_in_a_description_is_taken_away(read_it):
    record = read_it(description="<b>Cilia</b> of <i>Paramecium</i>").record

    assert record.description == "Cilia of Paramecium"


@pytest.mark.parametrize(
    "text",
    [
        "", "<html><body>Sorry, no such image.</body></html>",
        in_blocks({"@type": "Dataset", "name": "CIL:9011. CIL. Dataset"}),
        '<script type="application/ld+json">' + "[" * 100_000 + "</script>",
    ],
)  # fmt: skip
def test_a_page_that_describes_no_such_image_is_told(read_it, text):
    with pytest.raises(RecordInvalid, match="does not describe it"):
        read_it(text or "<html>")


def test_half_of_a_character_is_refused(read_it, page):
    with pytest.raises(RecordInvalid, match="half of a character"):
        read_it(page().replace("neighbours", "\\ud800"))


def test_the_pages_to_which_a_search_leads_are_its_answer():
    text = """
        <a href="/images/902">one</a> <a href="https://site.example/images/901?x=1">two
        </a> <a href="/images/902#top">again</a> <a href="/images/CCDB_7">three</a>
        <a href="/images?k=more&page=2">more</a> <a href="/images/big/9.jpg">no</a> <a>
    """

    assert read_found(text) == ("CIL:902", "CIL:901", "CCDB:7")
    assert find_path("a b/c") == "images?k=a+b%2Fc&simple_search=Search"


def test_a_real_page_is_read(shared_data, hosts):
    path = shared_data / "archives" / "cil" / "TESTDATA_landing_jsonld_CIL39991.html"

    record = read_page(path.read_text("utf-8"), "CIL:39991", hosts=hosts).record

    assert [p.name for p in record.contributors] == ["Lucy Shapiro", "Harley McAdams"]
    assert record.licence.spdx == "CC-BY-3.0"
    assert record.title == "A reconstructed tomographic data set"
    (organism,) = record.terms(TermField.ORGANISM)
    assert organism.text == "Caulobacter crescentus CB15"
