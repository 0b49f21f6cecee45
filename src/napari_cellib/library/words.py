"""How words are made comparable: one way for what is stored and what is asked."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_HYPHENS = "-\u2010\u2012\u2013\u2212"
# Begins at the start of a word and gives nothing back: else a long word takes ages.
_COMPOUND = re.compile(rf"(?<![^\W_])[^\W_]++(?:[{_HYPHENS}][^\W_]++)++")
_POSSESSIVE = re.compile(r"(?<=\w)['\u2019]s\b")
# Soft hyphens, joiners, text direction and emoji style: nobody sees or types them.
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]"
)
_MICRO = re.compile("μ(?=[AFLMVglms](?![^\\W\\d_]))")
_LONE_GREEK = re.compile(
    "(?<![\u0370-\u03ff])[\u0391-\u03a9\u03b1-\u03c9](?![\u0370-\u03ff])"
)
# Chinese, Japanese: no blanks between words, so that each sign is a word.
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]")
_SYMBOL = re.compile("[\u2190-\u2bff\U0001f000-\U0001faff]")
_NUMBER = re.compile(r"\d+")
_RESOLVERS = re.compile(
    r"^(?:https?://(?:dx\.)?doi\.org/|doi:|https?://\S*/obo/|obo:"
    r"|https?://orcid\.org/|orcid:|pmid:)"
)
_UNDERSCORE = re.compile(r"^([a-z][a-z0-9]*)_(?=[0-9])")

_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρστυφχψως",
        [
            *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"),
            *("iota", "kappa", "lambda", "mu", "nu", "xi", "omicron", "pi", "rho"),
            *("sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "sigma"),
        ],
        strict=True,
    )
)

# Too many other words begin with one of two letters.
_LETTERS = "|".join(sorted({name for name in _GREEK.values() if len(name) > 2}))
_SPELLED = re.compile(rf"({_LETTERS})(\d+)")

# An English stemmer leaves the plurals of Latin and Greek nouns alone.
_ENDINGS = (
    ("ion", "ia"), ("um", "a"), ("us", "i"), ("is", "es"), ("a", "ae"),
    ("on", "a"), ("ma", "mata"), ("ix", "ices"), ("ex", "ices"),
)  # fmt: skip
_FAMILIES = (
    ("mitochondrion", "mitochondria", "mitochondrial"),
    ("mouse", "mice"),
    ("genus", "genera"),
    ("mitosis", "mitoses", "mitotic"),
    ("meiosis", "meioses", "meiotic"),
    ("colour", "color"),
    ("tumour", "tumor"),
    ("fibre", "fiber"),
)
_IRREGULAR = {word: family for family in _FAMILIES for word in family}
_SHORTEST_LATIN = 5  # "cell", "axon" and the like have English plurals


def fold(text: str) -> str:
    """Spell `text` so that the tokenizer finds the words that a person would.

    Compatibility forms become plain, single Greek letters become their names
    (``β-actin`` is found as ``beta actin``), ``µm`` becomes ``um``, each sign of a
    script without blanks becomes a word, and so does each emoji.

    Examples
    --------
    >>> fold("TGFβ1, 5 µm")
    'TGF-beta-1, 5 um'
    """
    if text.isascii():
        return _POSSESSIVE.sub("", text)
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    text = _MICRO.sub("u", _POSSESSIVE.sub("", text))
    text = _LONE_GREEK.sub(_name_greek, text)
    return _SYMBOL.sub(_name_symbol, _UNSPACED.sub(r" \g<0> ", text))


def _name_greek(match: re.Match[str]) -> str:
    text, start, end = match.string, match.start(), match.end()
    before = "-" if start and text[start - 1].isalnum() else ""
    after = "-" if end < len(text) and text[end].isalnum() else ""
    return f"{before}{_GREEK[match[0].lower()]}{after}"


def _name_symbol(match: re.Match[str]) -> str:
    char = match[0]
    return f" u{ord(char):x} " if unicodedata.category(char) == "So" else char


def with_compounds(text: str) -> str:
    """Fold `text` and add each hyphenated word once more in one piece.

    So ``COS-7`` is found as ``cos7`` as well as ``cos 7``.
    """
    folded = fold(text)
    joined = [join_compound(word) for word in _COMPOUND.findall(folded)]
    return f"{folded} {' '.join(joined)}" if joined else folded


def join_compound(word: str) -> str:
    """Write a hyphenated word in one piece, or return any other as it is."""
    if not _COMPOUND.fullmatch(word):
        return word
    return re.sub(rf"[{_HYPHENS}]", "", word)


def greek_parts(word: str) -> tuple[str, ...]:
    """Return a Greek letter that is spelled out and its number, if a word is that.

    Who types "beta1" means what is written "β1", which is cut into two words.

    Examples
    --------
    >>> greek_parts("beta1")
    ('beta', '1')
    >>> greek_parts("betadine")
    ()
    """
    found = _SPELLED.fullmatch(word)
    return found.groups() if found else ()


def variants(word: str) -> tuple[str, ...]:
    """Return other forms of a noun, singular or plural, that a stemmer misses.

    Not all of them exist; one that does not exist is not found and does no harm.

    Examples
    --------
    >>> variants("mitochondria")
    ('mitochondrion', 'mitochondrial')
    >>> "cilium" in variants("cilia")
    True
    """
    if family := _IRREGULAR.get(word):
        return tuple(other for other in family if other != word)
    if len(word) < _SHORTEST_LATIN or not word.isascii():
        return ()
    forms: dict[str, None] = {}
    for singular, plural in _ENDINGS:
        for ending, other in ((singular, plural), (plural, singular)):
            if word.endswith(ending):
                forms[word.removesuffix(ending) + other] = None
    return tuple(forms)


@lru_cache(maxsize=50_000)  # the same terms come again and again
def id_key(text: str) -> str:
    """Bring an identifier, in any spelling, into the one that the index holds.

    Examples
    --------
    >>> id_key("http://purl.obolibrary.org/obo/GO_0005739") == id_key("go:0005739")
    True
    >>> id_key("https://doi.org/10.1000/XYZ")
    '10.1000/xyz'
    """
    key = _RESOLVERS.sub("", text.strip().lower())
    if key.startswith("ncbi:txid"):
        return key.replace("ncbi:txid", "ncbitaxon:", 1)
    return _UNDERSCORE.sub(r"\1:", key)


def order_key(title: str) -> str:
    """Return the key by which titles are sorted: as people do, numbers by value.

    Examples
    --------
    >>> order_key("Cell 9") < order_key("cell 10")
    True
    """
    plain = title
    if not title.isascii():
        plain = unicodedata.normalize("NFKD", title)
        plain = "".join(char for char in plain if not unicodedata.combining(char))
    plain = plain.casefold().lstrip(" \"'([{<-\u201c\u2018\u00ab")
    return _NUMBER.sub(lambda match: match[0].zfill(9), plain)[:120]
