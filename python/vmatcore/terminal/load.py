"""A reversible block by what linear kinetics leave at the transporter: sums of exponentials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import check
from vmatcore.arithmetic import exponential
from vmatcore.errors import ParameterError, ParameterTypeError, shown
from vmatcore.terminal.drives import from_zero

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["Load"]

_MOST_TERMS = 4

#: Where sums are looked at between knots, in units of each term's own time.
_MOMENTS = np.linspace(0.1, 5.6, 56) ** 2

#: Knots whose sums are looked at together.
_KNOTS_AT_ONCE = 1024


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Load:
    """The share 1/(1 + S) of VMAT2 works, S a sum of exponentials between knots.

    S is the unbound concentration over Ki, summed over ligands. Exact and smooth
    between doses, where a :class:`Profile` has a corner at every read.

    Parameters
    ----------
    knots_h : sequence of float
        When S begins anew, in h; they rise, and the first one is 0.
    amplitudes : array_like (knot, term) or (terminal, knot, term)
        S from a knot on is the sum of amplitude exp(-rate (t - knot)). It must not
        be negative.
    rates_per_h : array_like (term,) or (terminal, term)
        At most four terms.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.

    Examples
    --------
    >>> once = Load(knots_h=[0], amplitudes=[[9.0]], rates_per_h=[0.1])
    >>> import vmatcore as vm
    >>> run = vm.terminal.simulate(active=once, time_h=[0, 2, 200])
    >>> bool(run.content[0, 1] < 0.5), round(float(run.content[0, 2]), 3)
    (True, 1.0)
    """

    knots_h: Any
    amplitudes: Any
    rates_per_h: Any

    def __post_init__(self) -> None:
        knots = from_zero("knots_h", self.knots_h)
        rates = _numbers("rates_per_h", self.rates_per_h, 2)
        amplitudes = _numbers("amplitudes", self.amplitudes, 3)
        terms = rates.shape[1]
        if not 1 <= terms <= _MOST_TERMS or (rates < 0).any():
            raise ParameterError(
                f"`rates_per_h` must hold 1 to {_MOST_TERMS} rates that are not negative, "
                f"got {shown(self.rates_per_h)}"
            )
        if amplitudes.shape[1:] != (len(knots), terms):
            raise ParameterError(
                f"`amplitudes` must have {len(knots)} knots of {terms} terms, "
                f"got shape {np.shape(self.amplitudes)}"
            )
        rows = {len(amplitudes), len(rates)} - {1}
        if len(rows) > 1:
            raise ParameterError(
                "`amplitudes` and `rates_per_h` must be for as many terminals, "
                f"got {len(amplitudes)} and {len(rates)}"
            )
        count = rows.pop() if rows else 1
        rates = np.array(np.broadcast_to(rates, (count, terms)))
        amplitudes = np.array(np.broadcast_to(amplitudes, (count, *amplitudes.shape[1:])))
        _check_sums(knots, amplitudes, rates)
        for name, value in (("knots_h", knots), ("amplitudes", amplitudes), ("rates_per_h", rates)):
            value.flags.writeable = False
            object.__setattr__(self, name, value)

    @staticmethod
    def oral(
        load: object,
        *,
        absorption_per_h: object,
        elimination_per_h: object,
        every_h: float,
        doses: int,
    ) -> Load:
        """Return the load of equal doses at equal intervals, from one compartment.

        Parameters
        ----------
        load : float or sequence of float (terminal,)
            S that one dose would give if it were there at once.
        absorption_per_h, elimination_per_h : float or sequence of float (terminal,)
            Rate constants in 1/h; they must differ.
        every_h : float
            Interval in h.
        doses : int
            How many.

        Raises
        ------
        ParameterError, ParameterTypeError
            If an argument breaks its rule.

        Examples
        --------
        >>> daily = Load.oral(
        ...     5.0, absorption_per_h=1.0, elimination_per_h=0.1, every_h=24, doses=28
        ... )
        >>> daily.amplitudes.shape
        (1, 28, 2)
        """
        each = _numbers("load", load, 1)
        fast = _numbers("absorption_per_h", absorption_per_h, 1)
        slow = _numbers("elimination_per_h", elimination_per_h, 1)
        lengths = {len(each), len(fast), len(slow)} - {1}
        if len(lengths) > 1:
            raise ParameterError(
                "`load`, `absorption_per_h` and `elimination_per_h` must be for as many "
                f"terminals, got {sorted(lengths)}"
            )
        each, fast, slow = np.broadcast_arrays(each, fast, slow)
        interval = check.number("every_h", every_h, minimum=1e-6)
        count = check.whole("doses", doses, minimum=1, maximum=100_000)
        for name, value in (
            ("load", each),
            ("absorption_per_h", fast),
            ("elimination_per_h", slow),
        ):
            if (value < 0).any():
                raise ParameterError(f"`{name}` must not be negative, got {float(value.min())!r}")
        if (np.abs(fast - slow) < 1e-4 * np.maximum(fast, slow)).any():
            raise ParameterError(
                "`absorption_per_h` must differ from `elimination_per_h` by a ten-thousandth, "
                f"got {shown(absorption_per_h)}"
            )
        factor = each * fast / (fast - slow)
        rates = np.stack([slow, fast], axis=1)
        kept = exponential(-rates * interval)
        amplitudes = np.zeros((len(each), count, 2))
        before = np.zeros((len(each), 2))
        for dose in range(count):
            before = before * kept
            before[:, 0] += factor
            before[:, 1] -= factor
            amplitudes[:, dose] = before
        knots = interval * np.arange(count)
        return Load(knots_h=knots, amplitudes=amplitudes, rates_per_h=rates)

    def rows(self) -> int:
        """Return for how many terminals it says something; 1 for all alike."""
        return len(self.amplitudes)

    def on(self, knots_h: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return amplitudes and rates on knots that include its own."""
        place = np.searchsorted(self.knots_h, knots_h, side="right") - 1
        passed = knots_h - self.knots_h[place]
        exponents = -self.rates_per_h[:, None, :] * passed[:, None]
        shrink = exponential(exponents)
        # Knots of its own keep their very bits.
        amplitudes = self.amplitudes[:, place] * np.where(passed[:, None] == 0, 1.0, shrink)
        return np.ascontiguousarray(amplitudes), self.rates_per_h


def _check_sums(knots: FloatArray, amplitudes: FloatArray, rates: FloatArray) -> None:
    """Refuse sums below 0, which the solver would take for more than all of VMAT2.

    A sum of two exponentials crosses 0 once at most, so it is looked at where a stretch
    begins and ends; more terms, and the last stretch, at many times between.
    """
    for row, own in enumerate(rates):
        moving = own[own > 0]
        fine = (_MOMENTS / moving[:, None]).ravel() if len(moving) else np.zeros(0)
        for begin in range(0, len(knots), _KNOTS_AT_ONCE):
            part = slice(begin, begin + _KNOTS_AT_ONCE)
            here = amplitudes[row, part]
            spans = np.append(np.diff(knots), np.inf)[part]
            times = np.stack([np.zeros_like(spans), np.where(np.isinf(spans), 0.0, spans)], axis=1)
            if len(own) > 2:
                times = np.hstack([times, np.minimum(fine, spans[:, None])])
            _refuse_below(knots[part], here, own, times)
        _refuse_below(knots[-1:], amplitudes[row, -1:], own, fine[None, :])


def _refuse_below(
    knots: FloatArray, amplitudes: FloatArray, rates: FloatArray, times: FloatArray
) -> None:
    """Refuse sums below 0 at times after each knot, (knot, time)."""
    decays = exponential(-rates[None, None, :] * times[:, :, None])
    sums = (amplitudes[:, None, :] * decays).sum(axis=2)
    wrong = np.argwhere(sums < -1e-9 * np.abs(amplitudes).sum(axis=1)[:, None])
    if len(wrong):
        knot, place = (int(index) for index in wrong[0])
        raise ParameterError(
            "`amplitudes` must not sum to less than 0 at any time, "
            f"got {float(sums[knot, place]):.3g} at {float(knots[knot] + times[knot, place]):.6g} h"
        )


def _numbers(name: str, value: Any, axes: int) -> FloatArray:
    """Return numbers with a leading axis for terminals."""
    array = np.asarray(value)
    if array.dtype.kind not in "iuf" or array.ndim not in (axes - 1, axes) or not array.size:
        raise ParameterTypeError(
            f"`{name}` must be numbers with {axes - 1} or {axes} axes, got {shown(value)}"
        )
    numbers = np.array(array, float).reshape((1, *array.shape)) if array.ndim < axes else array
    numbers = np.array(numbers, float)
    if not np.isfinite(numbers).all():
        raise ParameterError(f"`{name}` must be finite, got {shown(value)}")
    return numbers
