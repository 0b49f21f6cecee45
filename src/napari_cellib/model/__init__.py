"""What a thing is: frozen models, free of Qt, databases and files.

Start with `record.py`: everything else is a part of an ImageRecord, or asks for one
(`query.py`).
"""

from __future__ import annotations

from napari_cellib.model.address import Address, is_accession, mint_accession
from napari_cellib.model.citation import bibtex, citation_text, ris
from napari_cellib.model.contributor import Contributor, CreditRole
from napari_cellib.model.dimensions import Channel, Dimensions, Window
from napari_cellib.model.funding import Funding
from napari_cellib.model.licence import Licence
from napari_cellib.model.problem import Problem
from napari_cellib.model.publication import Identifiers, Link, Publication
from napari_cellib.model.query import (
    Facet,
    FacetField,
    FacetValue,
    Hit,
    Page,
    Query,
    Sort,
)
from napari_cellib.model.record import (
    Dates,
    ImageRecord,
    Kind,
    Medium,
    Provenance,
    Status,
)
from napari_cellib.model.representation import Representation
from napari_cellib.model.statement import (
    Annotation,
    Assertion,
    Region,
    RegionShape,
    Remark,
    Statements,
)
from napari_cellib.model.study import Study
from napari_cellib.model.term import Term, TermField

__all__ = [
    "Address",
    "Annotation",
    "Assertion",
    "Channel",
    "Contributor",
    "CreditRole",
    "Dates",
    "Dimensions",
    "Facet",
    "FacetField",
    "FacetValue",
    "Funding",
    "Hit",
    "Identifiers",
    "ImageRecord",
    "Kind",
    "Licence",
    "Link",
    "Medium",
    "Page",
    "Problem",
    "Provenance",
    "Publication",
    "Query",
    "Region",
    "RegionShape",
    "Remark",
    "Representation",
    "Sort",
    "Statements",
    "Status",
    "Study",
    "Term",
    "TermField",
    "Window",
    "bibtex",
    "citation_text",
    "is_accession",
    "mint_accession",
    "ris",
]
