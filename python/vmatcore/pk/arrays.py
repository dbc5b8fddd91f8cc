"""Arrays of real numbers from whatever the caller has: checked once, never repaired."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vmatcore.errors import ParameterError, ParameterTypeError, shown

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["per_subject", "real", "times"]


def real(name: str, value: object) -> FloatArray:
    """Return real numbers as a float64 array; booleans, texts and complex numbers are refused."""
    if np.ma.is_masked(value):
        raise ParameterTypeError(f"`{name}` must be real numbers, masked ones in {shown(value)}")
    try:
        values = np.asarray(value)
    except ValueError:
        raise ParameterTypeError(f"`{name}` must be numbers, got {shown(value)}") from None
    if values.dtype.kind not in "iuf" and not (values.size == 0 and values.dtype == object):
        raise ParameterTypeError(f"`{name}` must be real numbers, got {shown(value)}")
    with np.errstate(over="ignore"):  # too large for float64 is infinite, which the caller refuses
        return values.astype(np.float64)


def times(name: str, value: object) -> FloatArray:
    """Return read times in h: finite, one axis, not decreasing.

    Examples
    --------
    >>> times("time_h", [0, 1, 2.5]).tolist()
    [0.0, 1.0, 2.5]
    """
    values = real(name, value)
    if values.ndim == 0:
        values = values.reshape(1)
    if values.ndim != 1:
        raise ParameterError(f"`{name}` must have one axis, got shape {values.shape}")
    if not np.isfinite(values).all():
        at = int(np.argmin(np.isfinite(values)))
        raise ParameterError(f"`{name}[{at}]` must be finite, got {float(values[at])!r}")
    early = values[1:] < values[:-1]
    if early.any():
        at = int(np.argmax(early)) + 1
        raise ParameterError(
            f"`{name}[{at}]` must not be before the time before it, "
            f"{float(values[at - 1])!r}, got {float(values[at])!r}: sort the times"
        )
    return values


def per_subject(name: str, value: object) -> FloatArray:
    """Return one number, or one for each subject: finite and not negative."""
    values = real(name, value)
    if values.ndim > 1:
        raise ParameterError(
            f"`{name}` must be a number or have shape (subjects,), got shape {values.shape}"
        )
    bad = ~(np.isfinite(values) & (values >= 0))
    if bad.any():
        where = f"[{int(np.argmax(bad))}]" if values.ndim else ""
        raise ParameterError(
            f"`{name}{where}` must be finite and not negative, got {float(values[bad].flat[0])!r}"
        )
    return values
