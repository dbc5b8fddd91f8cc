"""Seeds: given, or drawn once from the system and recorded."""

from __future__ import annotations

import secrets

from vmatcore import check

__all__ = ["chosen"]

_BITS = 64


def chosen(seed: int | None) -> int:
    """Return the seed to use: the one given, or a new one.

    Parameters
    ----------
    seed : int or None
        A whole number from 0 to 2^64 - 1. None draws one from the system; it is
        recorded in the result, so the run can be repeated.

    Returns
    -------
    int
        The seed.

    Raises
    ------
    ParameterError, ParameterTypeError
        If it is not such a number.

    Examples
    --------
    >>> chosen(7)
    7
    >>> 0 <= chosen(None) < 2**64
    True
    """
    if seed is None:
        return secrets.randbits(_BITS)
    return check.whole("seed", seed, minimum=0, maximum=2**_BITS - 1)
