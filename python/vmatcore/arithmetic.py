"""Powers and logarithms that give the same bits on every system; the C library's do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vmatcore import _core

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["LN_2", "exponential", "logarithm", "logarithms", "power"]

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


def logarithms(values: FloatArray) -> FloatArray:
    """Return the natural logarithms of an array of any shape, by the core's ln.

    Examples
    --------
    >>> logarithms(np.array([[1.0, 2.0]])).round(6).tolist()
    [[0.0, 0.693147]]
    """
    return _core.math_ln(np.ascontiguousarray(values).ravel()).reshape(values.shape)


def exponential(values: FloatArray) -> FloatArray:
    """Return ``exp`` of an array of any shape, through the core's.

    Examples
    --------
    >>> exponential(np.array([[0.0, 1.0]])).round(6).tolist()
    [[1.0, 2.718282]]
    """
    return _core.math_exp(np.ascontiguousarray(values).ravel()).reshape(values.shape)
