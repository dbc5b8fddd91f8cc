"""What drives a terminal: numbers, steps, lines between reads, or an occupancy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from vmatcore import check
from vmatcore.errors import ParameterError, ParameterTypeError, shown
from vmatcore.occupancy import OccupancyResult
from vmatcore.steps import Steps
from vmatcore.units import SECONDS_PER_H

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = [
    "DRIVEN_EVERY_H",
    "SAME_H",
    "Course",
    "Profile",
    "course",
    "driven_times",
    "from_zero",
    "merged",
    "one_for_each",
    "refuse_steady_states",
    "unknown_rows",
]

#: How often terminals are told the share of VMAT2 that works, h. Twice as often changes an
#: engram by less than 1e-3.
DRIVEN_EVERY_H = 0.5

#: Times nearer than this are one, h.
SAME_H = 1e-6


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Profile:
    """A value known at some times, with straight lines between them.

    Parameters
    ----------
    time_h : sequence of float
        Times in h that rise, the first one 0.
    values : array_like (time,) or (terminal, time)
        The values; the last one holds for good.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.

    Examples
    --------
    >>> profile = Profile(time_h=[0, 2, 24], values=[1.0, 0.2, 0.6])
    >>> profile.values.shape
    (1, 3)
    """

    time_h: Any
    values: Any

    def __post_init__(self) -> None:
        times = np.array(check.numbers("time_h", self.time_h))
        if not len(times) or times[0] != 0:
            raise ParameterError(f"`time_h` must begin with 0, got {shown(times.tolist())}")
        back = np.flatnonzero(np.diff(times) <= 0)
        if back.size:
            place = int(back[0]) + 1
            raise ParameterError(f"`time_h[{place}]` must rise, got {float(times[place])!r}")
        rows = one_for_each("values", self.values, len(times))
        if not np.isfinite(rows).all():
            raise ParameterError(f"`values` must be finite, got {shown(self.values)}")
        times.flags.writeable = rows.flags.writeable = False
        object.__setattr__(self, "time_h", times)
        object.__setattr__(self, "values", rows)


class Course(NamedTuple):
    """Value and slope at each knot, (row, knot)."""

    knots_h: FloatArray
    start: FloatArray
    slope_per_h: FloatArray

    def rows(self) -> int:
        """Return for how many terminals it says something; 1 for all alike."""
        return len(self.start)

    @staticmethod
    def constant(knots_h: FloatArray) -> Course:
        """Return what says nothing but its knots."""
        return Course(knots_h, np.ones((1, len(knots_h))), np.zeros((1, len(knots_h))))


def course(name: str, value: Any, *, maximum: float, per_unit: float = 1.0) -> Course:
    """Return a drive as values and slopes between knots; ``per_unit`` scales it."""
    if isinstance(value, OccupancyResult):
        value = _of_occupancy(name, value)
    if isinstance(value, Profile):
        wrong = (value.values < 0) | (value.values > maximum)
        if wrong.any():
            worst = float(value.values[wrong][0])
            raise ParameterError(f"`{name}.values` must be in [0, {maximum:g}], got {worst!r}")
        scaled = value.values * per_unit
        slope = np.zeros_like(scaled)
        slope[:, :-1] = np.diff(scaled, axis=1) / np.diff(value.time_h)
        return Course(value.time_h, scaled, slope)
    steps = Steps.of(name, value, maximum=maximum)
    start = np.array([steps.values]) * per_unit
    return Course(np.array(steps.time_s) / SECONDS_PER_H, start, np.zeros_like(start))


def from_zero(name: str, value: object) -> FloatArray:
    """Return times in h that begin with 0 and rise.

    Examples
    --------
    >>> from_zero("knots_h", [0, 12])
    array([ 0., 12.])
    """
    times = np.array(check.numbers(name, value))
    if not len(times) or times[0] != 0 or (np.diff(times) <= 0).any():
        raise ParameterError(
            f"`{name}` must begin with 0 and rise, got {shown(times[:5].tolist())}"
        )
    return times


def one_for_each(name: str, value: object, times: int) -> FloatArray:
    """Return numbers, one for each of so many times, as (terminal, time).

    Examples
    --------
    >>> one_for_each("values", [1.0, 0.2], 2)
    array([[1. , 0.2]])
    """
    array = np.asarray(value)
    if array.dtype.kind not in "iuf" or array.ndim not in (1, 2):
        raise ParameterTypeError(
            f"`{name}` must be numbers, (time,) or (terminal, time), got {shown(value)}"
        )
    rows = np.atleast_2d(np.array(array, float))
    if rows.shape[1] != times:
        raise ParameterError(
            f"`{name}` must have one number for each of {times} times, got shape {array.shape}"
        )
    return rows


def driven_times(reads_h: FloatArray) -> FloatArray:
    """Return reads, and every half hour from 0 h on that lies between them.

    Half hours that a read misses by rounding alone are left out.

    Examples
    --------
    >>> driven_times(np.array([1.0, 1.6])).tolist()
    [0.0, 0.5, 1.0, 1.5, 1.6]
    """
    reads = np.union1d(reads_h, [0.0])
    halves = np.arange(0.0, reads[-1], DRIVEN_EVERY_H)
    above = np.searchsorted(reads, halves)
    gap = np.minimum(
        np.abs(reads[above] - halves), np.abs(reads[np.maximum(above - 1, 0)] - halves)
    )
    return np.sort(np.concatenate([reads, halves[gap > SAME_H]]))


def refuse_steady_states(name: str, occupancy: OccupancyResult) -> None:
    """Refuse an occupancy whose drug starts or jumps to a steady state.

    Vesicles and their cytosol have a history of their own, and it would be missing.

    Raises
    ------
    ParameterError
        If a course of the regimen has a steady state.
    """
    for course in occupancy.pk.regimen.courses:
        if course.steady_state:
            raise ParameterError(
                f"`{name}` must come from doses alone, got a steady state of {course.drug} at "
                f"{course.start_h:g} h, before which vesicles have no history: give the doses "
                "that lead to it, such as `x 60`"
            )


def _of_occupancy(name: str, occupancy: OccupancyResult) -> Profile:
    refuse_steady_states(name, occupancy)
    times = occupancy.time_h
    if not len(times) or times[0] != 0 or (np.diff(times) <= 0).any():
        raise ParameterError(
            f"`{name}` must be an occupancy read from 0 h on, at times that rise: take one with "
            f"`every_h` fine enough for straight lines, got reads {shown(times[:5].tolist())}"
        )
    # Rounding may leave a share a few units in the last place outside [0, 1].
    values = np.clip(occupancy.active, 0.0, 1.0)
    values[unknown_rows(occupancy)] = 1.0
    return Profile(time_h=times, values=values)


def unknown_rows(value: Any) -> npt.NDArray[np.bool_]:
    """Return which rows a drive does not know: subjects that failed in an earlier stage.

    They are driven by what drives nobody, and their results must be made NaN.
    """
    if not isinstance(value, OccupancyResult):
        return np.zeros(1, bool)
    return np.asarray(np.isnan(value.vmat2).any(axis=1), dtype=np.bool_)


def merged(*courses: Course) -> list[Course]:
    """Return the courses on the knots that they make together."""
    knots = np.unique(np.concatenate([one.knots_h for one in courses]))
    out = []
    for one in courses:
        place = np.searchsorted(one.knots_h, knots, side="right") - 1
        slope = np.ascontiguousarray(one.slope_per_h[:, place])
        start = one.start[:, place] + slope * (knots - one.knots_h[place])
        out.append(Course(knots, np.ascontiguousarray(np.maximum(start, 0.0)), slope))
    return out
