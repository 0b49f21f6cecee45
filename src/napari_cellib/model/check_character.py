"""Check characters: an identifier with a typing error is told apart from a valid one.

The method is ISO/IEC 7064 MOD 11-2, the one of ORCID and ISNI: it finds every
single wrong digit and every swap of two neighbours.
"""

from __future__ import annotations


def check_character(digits: str) -> str:
    """Return the ISO 7064 MOD 11-2 check character of `digits`.

    Parameters
    ----------
    digits : str
        Decimal digits only.

    Returns
    -------
    str
        One of ``0123456789X``.

    Examples
    --------
    >>> check_character("000000021825009")  # ORCID 0000-0002-1825-0097
    '7'
    """
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    remainder = (12 - total % 11) % 11
    return "X" if remainder == 10 else str(remainder)
