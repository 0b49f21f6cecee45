"""What a depositor is asked, step by step, and why: one sentence for each field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from napari_cellib.model import TermField
from napari_cellib.ontology.fields import field_rules

if TYPE_CHECKING:
    from collections.abc import Mapping

Step: TypeAlias = Literal["files", "what", "how", "who", "rights"]


@dataclass(frozen=True, slots=True)
class DraftField:
    """One thing that is asked.

    Attributes
    ----------
    name : str
        The field of a `Draft`.
    label : str
        What it is called on the screen, in tables and in problems.
    why : str
        Why it is asked, in one sentence.
    step : str
        Where it is asked.
    """

    name: str
    label: str
    why: str
    step: Step


_FIELDS = (
    DraftField(
        "sources", "Files", "These are the pixels that others will look at.", "files"
    ),
    DraftField(
        "title", "Title", "It is the line by which others find and cite it.", "what"
    ),
    DraftField(
        "description",
        "Description",
        "It says what is to be seen to somebody who has never met your cells.",
        "what",
    ),
    DraftField(
        "study_title", "Study", "Images of one project are then found together.", "what"
    ),
    DraftField(
        "study", "Study number", "It joins a study that is in the library.", "what"
    ),
    DraftField(
        "group",
        "Siblings",
        "Images of one specimen are then shown together.",
        "what",
    ),
    DraftField(
        "annotations",
        "Terms",
        "Searches find the image under every name of what it shows.",
        "what",
    ),
    DraftField(
        "specimen",
        "Specimen",
        "Nobody can judge the image without knowing what was under the microscope.",
        "how",
    ),
    DraftField(
        "preparation",
        "Preparation",
        "Fixing, staining and mounting change what is seen.",
        "how",
    ),
    DraftField(
        "instrument",
        "Instrument",
        "Others can then tell how fine a detail it resolves, and take the like.",
        "how",
    ),
    DraftField(
        "details",
        "Further details",
        "Settings that have no field of their own are kept here.",
        "how",
    ),
    DraftField(
        "medium",
        "Scanned from",
        "A negative is then shown with its brightness turned around.",
        "how",
    ),
    DraftField("imaged", "Date of imaging", "It tells which image came first.", "how"),
    DraftField(
        "spacing_um",
        "Pixel size",
        "Without it nothing in the image can be measured.",
        "how",
    ),
    DraftField(
        "time_step_s",
        "Time step",
        "Without it no speed can be measured in the image.",
        "how",
    ),
    DraftField(
        "channels", "Channels", "Colours alone do not say what was stained.", "how"
    ),
    DraftField(
        "contributors",
        "Contributors",
        "They are the authors in the citation of the image.",
        "who",
    ),
    DraftField(
        "funding", "Funding", "Funders ask that their grant is named with data.", "who"
    ),
    DraftField(
        "licence", "Licence", "Without one, nobody may use the image at all.", "rights"
    ),
    DraftField(
        "embargo_until",
        "Hold until",
        "The image stays hidden until that day, or until the article appears.",
        "rights",
    ),
    DraftField(
        "published",
        "Shown in an article",
        "Readers see whether the image is new or known from an article.",
        "rights",
    ),
    DraftField(
        "articles",
        "Articles",
        "The image then leads to the article, and the article's readers to it.",
        "rights",
    ),
)

FIELDS: Mapping[str, DraftField] = {field.name: field for field in _FIELDS}

_TERM_WHYS = {
    TermField.ORGANISM: "It is the first thing that people narrow a search by.",
    TermField.CELL_TYPE: "It finds all images of the same kind of cell.",
    TermField.CELL_LINE: "Lines of one cell type behave differently.",
    TermField.CELLULAR_COMPONENT: "It says which part of the cell is to be seen.",
    TermField.BIOLOGICAL_PROCESS: "It says what the cell is doing.",
    TermField.MOLECULAR_FUNCTION: "It says what the stained molecule does.",
    TermField.ANATOMY: "It says where in the body the cells are from.",
    TermField.DEVELOPMENTAL_STAGE: "Tissues look different at each stage.",
    TermField.DISEASE: "It parts healthy tissue from diseased.",
    TermField.PATHOLOGY: "It names the change that is to be seen.",
    TermField.PHENOTYPE: "It names what is unlike the wild type.",
    TermField.GENE: "It finds all images of the same mutant or knock-down.",
    TermField.PROTEIN: "It says which protein a channel shows.",
    TermField.COMPOUND: "It says what the cells were treated with.",
    TermField.ANTIBODY: "Others can then order the same one.",
    TermField.PREPARATION: "It finds images prepared in the same way.",
    TermField.SPECIMEN_RELATION: "It says how close it is to the living cell.",
    TermField.IMAGING_METHOD: "It says what kind of picture this is.",
    TermField.VISUALIZATION: "It says how the signal was made visible.",
    TermField.CONTRAST_SOURCE: "It says what bright and dark stand for.",
    TermField.IMAGED_PARAMETER: "It says which quantity the pixels measure.",
    TermField.PROCESSING: "Pixels that were processed must not be measured as raw.",
    TermField.ITEM_TYPE: "It parts recorded images from drawings and models.",
    TermField.OTHER: "It keeps what fits no other field.",
}


def label_of(field: TermField) -> str:
    """Return what a field of terms is called on the screen."""
    return field_rules()[field].title


def why_of(field: TermField) -> str:
    """Return why terms of a field are asked, in one sentence."""
    return _TERM_WHYS[field]
