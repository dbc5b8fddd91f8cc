"""Powers and logarithms that give the same bits on every system; the C library's do not."""

from __future__ import annotations

import numpy as np

from vmatcore import _core

__all__ = ["LN_2", "logarithm", "power"]

#: Natural logarithm of 2.
LN_2 = 0.6931471805599453


def power(base: float, exponent: float) -> float:
    """Return ``base**exponent`` for a positive base, through the core's ln and exp.

    Examples
    --------
    >>> round(power(2.0, 10.0), 9)
    1024.0
    """
    return float(_core.math_exp(exponent * _core.math_ln(np.array([base])))[0])


def logarithm(value: float) -> float:
    """Return the natural logarithm of a positive number, by the core's ln.

    Examples
    --------
    >>> round(logarithm(2.0), 12)
    0.69314718056
    """
    return float(_core.math_ln(np.array([value]))[0])
