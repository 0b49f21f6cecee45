from __future__ import annotations

from napari_cellib.model import TermField

DOCUMENT = {
    "CIL_CCDB": {
        "CCDB": {
            "Project": {"ID": 20, "Name": "Spines"},
            "Experiment": {"Title": "Tilt series", "Purpose": "To see spines."},
            "Subject": {
                "Scientific_name": "Rattus norvegicus",
                "Strain": 3724,
                "Organism": {"Gender": "unspecified"},
                "Tissue_section": {"Anatomical_location": "N/A"},
            },
            "Microscopy_product": {
                "Image_basename": "spine_1",
                "Microscopy_type": "electron tomography",
                "X_size": 512, "Y_size": 256, "Z_size": 0,
                "X_resolution": {"value": 2, "unit": "nm"},
                "Y_resolution": {"value": 0.002, "unit": "um"},
            },
            "Reconstruction": {
                "Reconstruction_Display_image": {"URL": "https://x.example/d.jpg"},
                "Downloadable_data": {
                    "Full_resolution": {"URL": "https://x.example/d.mrc"}
                },
                "Animation": {"URL": "https://x.example/d.mpg"},
            },
        }
    }
}  # fmt: skip


def test_a_record_of_the_cell_centered_database_is_one_too(read):
    record = read(DOCUMENT, name="CCDB_6843").record

    assert record.id == "CCDB:6843"
    assert (record.title, record.description) == ("spine_1", "To see spines.")
    assert [term.text for term in record.terms(TermField.ORGANISM)] == [
        "Rattus norvegicus"
    ]
    assert record.terms(TermField.ANATOMY) == ()
    assert record.dimensions.sizes == {"y": 256, "x": 512}
    assert record.dimensions.spacing_um == {"y": 0.002, "x": 0.002}
    assert [one.role for one in record.representations] == [
        "preview", "original", "movie",
    ]  # fmt: skip
    assert ("CCDB.Subject.Strain", "3724") in record.extra
    assert record.landing_page == "https://site.example/images/CCDB_6843"


def test_nothing_of_it_is_lost(read, check_nothing_is_lost):
    mapped = read(DOCUMENT, name="CCDB_6843")

    told = {entry.path for entry in mapped.entries}
    assert "CIL_CCDB.CCDB.Microscopy_product.Z_size" in told
    check_nothing_is_lost(DOCUMENT, mapped)
