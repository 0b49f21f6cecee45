"""What a channel shows, by the words that microscopists use for its stain.

Only what a stain or a protein is well known for: a word that may mean several things,
such as GFP or 488, is none. What the channel's term says counts as well.
"""

from __future__ import annotations

import re
from functools import cache

# As they stand in names of channels: whole words, spaces and hyphens do not matter.
_WORDS: dict[str, tuple[str, ...]] = {
    "DNA": (
        "dna", "dapi", "hoechst", "hoechst33342", "hoechst33258", "draq5", "draq7",
        "to-pro-3", "topro3", "sytox", "propidium iodide", "h2b", "histone", "h2a",
        "histone h2b", "histone h3", "sir-dna", "nuclei", "nucleus", "nuclear",
        "chromatin", "chromosome", "chromosomes", "hmgb1",
    ),
    "actin": (
        "actin", "f-actin", "phalloidin", "lifeact", "sir-actin", "utrophin",
        "microfilaments",
    ),
    "microtubules": (
        "tubulin", "alpha-tubulin", "beta-tubulin", "microtubule", "microtubules",
        "sir-tubulin", "map4", "emtb", "tuba1b", "spindle",
    ),
    "mitochondria": (
        "mitochondria", "mitochondrion", "mito", "mitotracker", "tom20", "tomm20",
        "cox iv", "tmrm", "tmre", "hsp60", "atp synthase",
    ),
    "endoplasmic reticulum": (
        "endoplasmic reticulum", "er", "er-tracker", "concanavalin a", "concanavalin",
        "cona", "calnexin", "calreticulin", "sec61", "sec61b", "kdel", "pdi",
    ),
    "Golgi": (
        "golgi", "golgi apparatus", "gm130", "giantin", "mannosidase ii", "tgn46",
        "golgin-97", "golph4", "gpp130",
    ),
    "lysosomes": (
        "lysosome", "lysosomes", "lamp1", "lamp2", "lysotracker", "cathepsin d",
    ),
    "endosomes": (
        "endosome", "endosomes", "eea1", "rab5", "rab7", "rab11", "transferrin",
        "transferrin receptor",
    ),
    "plasma membrane": (
        "plasma membrane", "membrane", "wheat germ agglutinin", "wga", "cellmask",
        "na/k atpase", "e-cadherin", "caax",
    ),
    "nucleoli": (
        "nucleolus", "nucleoli", "fibrillarin", "nucleolin", "npm1", "syto 14",
        "syto14",
    ),
    "nuclear envelope": (
        "nuclear envelope", "lamin", "lamin a", "lamin b1", "lamin a/c", "lmnb1",
        "nup153",
    ),
    "intermediate filaments": (
        "vimentin", "keratin", "desmin", "gfap", "neurofilament",
        "intermediate filaments",
    ),
    "RNA": ("rna", "smfish", "mrna"),
    "lipid droplets": ("lipid droplets", "lipid droplet", "bodipy", "nile red"),
    "centrosomes": ("centrosome", "centrosomes", "pericentrin", "gamma-tubulin"),
    "transmitted light": (
        "brightfield", "bright field", "bf", "dic", "phase", "phase contrast",
        "transmitted light", "transmitted", "nomarski", "tl",
    ),
}  # fmt: skip

_BETWEEN = re.compile(r"[\s_\-:;,()\[\].+/|]+")

MEANINGS: tuple[str, ...] = tuple(_WORDS)


def meaning_of(*names: str | None) -> str | None:
    """Return what a channel shows, given its names; None where they do not say.

    Where several are named, the longest word counts: gamma-tubulin is in centrosomes.

    Examples
    --------
    >>> meaning_of("DAPI"), meaning_of("Alexa Fluor 488 Phalloidin"), meaning_of("GFP")
    ('DNA', 'actin', None)
    """
    heap = " ".join(f" {_plain(name)} " for name in names if name)
    found = [word for word in _by_word() if f" {word} " in heap]
    return _by_word()[max(found, key=len)] if found else None


def meant_by(text: str) -> str | None:
    """Return which of `MEANINGS` a person asks for; None for none of them."""
    exact = {meaning.casefold(): meaning for meaning in MEANINGS}
    return exact.get(text.strip().casefold()) or meaning_of(text)


@cache
def _by_word() -> dict[str, str]:
    return {
        _plain(word): meaning for meaning, words in _WORDS.items() for word in words
    }


def _plain(name: str) -> str:
    return " ".join(part for part in _BETWEEN.split(name.casefold()) if part)
