"""One form for all spellings of a name, for what is stored and what is typed alike."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# "GREEK SMALL LETTER ALPHA" and so on; Unicode spells lambda without its b.
_GREEK = {
    chr(code): unicodedata.name(chr(code))
    .split()[-1]
    .lower()
    .replace("lamda", "lambda")
    for code in range(0x3B1, 0x3CA)
}
_OTHER = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d"}
_LETTERS = str.maketrans({**{a: f" {b} " for a, b in _GREEK.items()}, **_OTHER})
# A name is words and numbers; what stands between them is not told apart. So
# "COS-7", "COS 7" and "cos7" are the same.
_PIECES = re.compile(r"[^\W\d_]+|\d+")

_SINGULARS = {
    "algae": "alga", "alveoli": "alveolus", "apices": "apex", "atria": "atrium",
    "bacteria": "bacterium", "bronchi": "bronchus", "cacti": "cactus",
    "calyces": "calyx", "children": "child", "cilia": "cilium",
    "cortices": "cortex", "cristae": "crista", "endothelia": "endothelium",
    "epithelia": "epithelium", "feet": "foot", "fimbriae": "fimbria",
    "flagella": "flagellum", "foci": "focus", "foramina": "foramen",
    "fungi": "fungus", "ganglia": "ganglion", "genera": "genus",
    "glomeruli": "glomerulus", "gyri": "gyrus", "hippocampi": "hippocampus",
    "hyphae": "hypha", "lamellae": "lamella", "larvae": "larva",
    "leaves": "leaf", "lice": "louse", "loci": "locus", "lumina": "lumen",
    "matrices": "matrix", "men": "man", "metastases": "metastasis",
    "mesothelia": "mesothelium", "mice": "mouse", "mitochondria": "mitochondrion",
    "mitoses": "mitosis", "meioses": "meiosis", "mycelia": "mycelium",
    "myofibrillae": "myofibril", "nuclei": "nucleus", "nucleoli": "nucleolus",
    "ova": "ovum", "oxen": "ox", "phyla": "phylum", "protozoa": "protozoon",
    "pupae": "pupa", "radii": "radius", "septa": "septum", "sori": "sorus",
    "spermatozoa": "spermatozoon", "sporangia": "sporangium",
    "stereocilia": "stereocilium", "stimuli": "stimulus", "stomata": "stoma",
    "striae": "stria", "sulci": "sulcus", "taxa": "taxon",
    "teeth": "tooth", "testes": "testis", "thalami": "thalamus",
    "thrombi": "thrombus", "trabeculae": "trabecula", "tubuli": "tubulus",
    "uteri": "uterus", "vertebrae": "vertebra", "vertices": "vertex",
    "viscera": "viscus", "women": "woman",
}  # fmt: skip
_SINGULAR_ALREADY = {"caries", "lens", "pons", "rabies", "scabies", "series", "species"}
# The endings of plurals; the last two are those of bone, shoulder and gas too.
_ENDINGS = (
    ("podia", "podium"),
    ("villi", "villus"),
    ("nuclei", "nucleus"),
    ("mata", "ma"),
    ("ies", "y"),
    ("sses", "ss"),
    ("ches", "ch"),
    ("shes", "sh"),
    ("xes", "x"),
)
_NOT_PLURAL = ("ss", "us", "is", "os", "as")
_SHORTEST_PLURAL = 4
# What nouns, adjectives and verbs of one root end in, the longest first.
_SUFFIXES = (
    "ations", "ation", "ising", "izing", "ized", "ised", "ally", "ions", "ates",
    "ated", "ating", "ion", "ium", "ial", "eal", "ian", "ous", "ary", "ate", "ing",
    "ia", "al", "ar", "ic", "ed", "um", "us", "on", "is", "ly", "es", "or",
    "er", "s", "a", "e", "y", "i", "o",
)  # fmt: skip
_SHORTEST_STEM = 4


def words(text: str) -> list[str]:
    """Split a text into lower-case words and numbers, without accents.

    Examples
    --------
    >>> words("β-Tubulin"), words("COS-7"), words("U2OS")
    (['beta', 'tubulin'], ['cos', '7'], ['u', '2', 'os'])
    """
    text = text.lower().translate(_LETTERS)
    if not text.isascii():
        spread = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in spread if not unicodedata.combining(c))
        text = text.lower().translate(_LETTERS)
    return _PIECES.findall(text)


@lru_cache(maxsize=50_000)
def singular(word: str) -> str:
    """Return the singular of a lower-case word, English or Latin.

    It need not be the right singular, only the same one for name and query.

    Examples
    --------
    >>> [singular(word) for word in ("cilia", "lamellipodia", "bodies", "axons")]
    ['cilium', 'lamellipodium', 'body', 'axon']
    """
    if known := _SINGULARS.get(word):
        return known
    if len(word) < _SHORTEST_PLURAL or word in _SINGULAR_ALREADY:
        return word
    for ending, replacement in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending):
            return word[: -len(ending)] + replacement
    if word.endswith("s") and not word.endswith(_NOT_PLURAL):
        return word[:-1]
    return word


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return what words of one root have in common, roughly.

    It need not be the root, only the same for most words of it.

    Examples
    --------
    >>> [stem(word) for word in ("hippocampus", "hippocampal", "epithelial", "cells")]
    ['hippocamp', 'hippocamp', 'epithel', 'cell']
    """
    word = singular(word)
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST_STEM:
            return word[: -len(suffix)]
    return word


def fold(text: str) -> str:
    """Return the form under which a name is stored and looked up.

    Parameters
    ----------
    text : str
        A name as people write it.

    Returns
    -------
    str
        Lower-case words and numbers in the singular, one space between them.

    Examples
    --------
    >>> fold("Mitochondria"), fold("NIH/3T3"), fold("4',6-Diamidino")
    ('mitochondrion', 'nih 3 t 3', '4 6 diamidino')
    """
    return " ".join(singular(word) for word in words(text))
