"""What every stage returns: frozen arrays that know their axes and units."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["OK", "Axis", "Result", "SubjectsResult", "labelled", "median_of_known", "provenance"]

#: The status of a subject that did not fail.
OK = "ok"


def median_of_known(values: FloatArray) -> float:
    """Return the median of the numbers that are known; NaN if none is.

    Examples
    --------
    >>> median_of_known(np.array([3.0, np.nan, 1.0]))
    2.0
    """
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else float("nan")


class Axis(NamedTuple):
    """How an array is laid out: the names of its axes in order, and its unit."""

    axes: tuple[str, ...]
    unit: str


def labelled(*axes: str, unit: str) -> Any:
    """Declare an array field of a result by its axes and its unit."""
    return field(metadata={"axis": Axis(axes, unit)}, repr=False)


@dataclass(frozen=True, kw_only=True, eq=False)
class Result:
    """A frozen result. Its arrays cannot be written to.

    Fields declared with :func:`labelled` carry their axes and unit; see
    :meth:`layout`.
    """

    def __post_init__(self) -> None:
        self._freeze()

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, value)
        self._freeze()

    def _freeze(self) -> None:
        for name in self.layout():
            value = getattr(self, name)
            for array in value.values() if isinstance(value, dict) else [value]:
                array.flags.writeable = False

    @classmethod
    def layout(cls) -> dict[str, Axis]:
        """Return the axes and the unit of every array field, by name."""
        return {
            entry.name: entry.metadata["axis"] for entry in fields(cls) if "axis" in entry.metadata
        }

    def __repr__(self) -> str:
        lines = [type(self).__name__]
        for name, axis in self.layout().items():
            value = getattr(self, name)
            for key, array in value.items() if isinstance(value, dict) else [("", value)]:
                shown = f"{name}[{key!r}]" if key else name
                sizes = ", ".join(
                    f"{axis_name} {size}"
                    for axis_name, size in zip(axis.axes, array.shape, strict=True)
                )
                lines.append(f"  {shown} ({sizes}), {axis.unit}")
        return "\n".join(lines)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SubjectsResult(Result):
    """A result with a row for each subject, which may fail without the others.

    Attributes
    ----------
    status : tuple of str
        For each subject "ok", or why it failed.
    """

    status: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[int, ...]:
        """Subjects whose rows are NaN; :attr:`status` says why."""
        return tuple(row for row, status in enumerate(self.status) if status != OK)


def provenance(**parts: Any) -> dict[str, Any]:
    """Return what is needed to trace a result: versions, and the parts given."""
    from vmatcore import _core

    return {
        "package": "vmatcore",
        "version": _core.__version__,
        "stream_version": _core.STREAM_VERSION,
        **parts,
    }
