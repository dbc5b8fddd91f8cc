"""The amplitudes that quantal analysis is given: a release, an array or a file."""

from __future__ import annotations

import csv
import os
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import _core
from vmatcore.errors import FileFormatError, ParameterError, ParameterTypeError, shown
from vmatcore.release.result import ReleaseResult

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["amplitudes_of"]

#: The draw of a synapse's stream that decides whether it is silent; see release/synapse.rs.
_TRAITS = 1 << 44


def amplitudes_of(data: Any) -> tuple[FloatArray, int]:
    """Return the amplitudes, (trial, condition), and how many silent synapses were left out.

    Raises
    ------
    ParameterError, ParameterTypeError
        If the data hold what is no amplitude, or not the synapses of their record.
    FileFormatError
        If the file cannot be read.

    Examples
    --------
    >>> amplitudes_of([1, 0, 2])[0].shape
    (3, 1)
    """
    return _active(data, _array(data))


def _array(data: Any) -> FloatArray:
    if isinstance(data, ReleaseResult):
        values: Any = data.molecules
    elif isinstance(data, str | os.PathLike):
        values = _read(data)
    else:
        values = data
    try:
        array = np.asarray(values)
    except ValueError:  # rows of different lengths
        array = np.empty(0, object)
    if array.dtype.kind not in "iuf" or array.ndim not in (1, 2):
        raise ParameterTypeError(
            "`data` must be a ReleaseResult, an array (trial, condition) of numbers or the path "
            f"of a CSV file, got {shown(data)}"
        )
    array = array.astype(float)
    if array.ndim == 1:
        array = array[:, None]
    wrong = np.argwhere(~(np.isfinite(array) & (array >= 0.0)))
    if len(wrong):
        row, column = (int(place) for place in wrong[0])
        raise ParameterError(
            f"`data[{row}, {column}]` must be finite and not negative, got {array[row, column]!r}"
        )
    return array


def _active(data: Any, amplitudes: FloatArray) -> tuple[FloatArray, int]:
    """Leave out the synapses that are silent by their record; return how many they are.

    They are drawn again rather than guessed from rows of zeros: an active synapse that
    happened to fail throughout must stay.
    """
    record = data.provenance if isinstance(data, ReleaseResult) else {}
    share = record.get("synapse", {}).get("active_share", 1.0)
    if share >= 1.0:
        return amplitudes, 0
    stage, first = dict(_core.random_stages())["release"], record["first"]
    draws = np.array(
        [
            _core.random_draws("uniform", record["seed"], stage, first + row, 1, _TRAITS)[0]
            for row in range(record["synapses"])
        ]
    )
    active = draws < share
    if len(active) != len(amplitudes) or amplitudes[~active].any():
        raise ParameterError(
            "`data` must have the synapses of its record, of which some are silent: give the "
            f"molecules of active ones as an array, got {len(amplitudes)} synapses"
        )
    return amplitudes[active], int((~active).sum())


def _read(path: Any) -> FloatArray:
    try:
        with open(path, encoding="utf-8-sig", newline="") as lines:
            rows = [row for row in csv.reader(lines) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FileFormatError(f"cannot read amplitudes from {os.fspath(path)}: {error}") from None
    found = []
    for number, row in enumerate(rows):
        try:
            found.append([float(cell) for cell in row])
        except ValueError:
            # A line of names has no number; a slip of the pen in a row of data is no name.
            if number > 0 or any(map(_is_number, row)):
                raise FileFormatError(
                    f"{os.fspath(path)}, row {number + 1}: must hold numbers, got {shown(row)}"
                ) from None
        if found and len(found[-1]) != len(found[0]):
            raise FileFormatError(
                f"{os.fspath(path)}, row {number + 1}: must hold {len(found[0])} numbers, "
                f"got {len(row)}"
            )
    return np.array(found, float)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
