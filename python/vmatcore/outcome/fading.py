"""How long each effect outlasts the last dose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import check
from vmatcore import occupancy as occupancy_stage
from vmatcore.errors import ParameterError, ParameterTypeError, shown, unknown
from vmatcore.metrics import NO_EFFECT, last_crossing, last_interval_h
from vmatcore.occupancy import OccupancyResult
from vmatcore.outcome import effects
from vmatcore.outcome.constants import HAZARDS, PEAKED, SIDE_EFFECTS, sources
from vmatcore.outcome.day import DAY_H, MEMORY_H, signal_from
from vmatcore.result import Result, labelled
from vmatcore.signal import SignalCourse
from vmatcore.signal.course import trapezoid
from vmatcore.work import CancelToken

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["ToHalf", "to_half"]

#: Reads of the history, of the last interval, and after the last dose up to two years.
_EVERY_H = 0.5
_INTERVAL_STEPS = 240
_AFTER = 500
_HORIZON_H = 2 * 365 * 24.0


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ToHalf(Result):
    """Hours after the last dose until an effect stays below half of its mean.

    The mean is that over the last dosing interval. Infinite: not within two years. NaN:
    there is no effect, none is known, or the subject could not be followed.

    Attributes
    ----------
    occupancy_h : ndarray (subject,)
        The share of VMAT2 held.
    content_h, amine_h : dict of ndarray (subject,)
        How far content and extracellular amine lie below rest, at three sites.
    d2_h : ndarray (subject,)
        How far D2 activation by dopamine lies below rest.
    benefit_h : ndarray (subject,)
        The benefit that the fall of the moment would bring if it lasted a day.
    side_effect_h : dict of ndarray (subject,)
        The hazard that each side effect's fall of the moment makes; for
        ``"prolactin raised"`` prolactin beyond rest. Convex hazards count the square of
        the fall, so they are half before it is.
    qtc_h : ndarray (subject,)
        The prolongation of QTc; NaN where a moiety has no known slope.
    """

    occupancy_h: FloatArray = labelled("subject", unit="h")
    content_h: dict[str, FloatArray] = labelled("subject", unit="h")
    amine_h: dict[str, FloatArray] = labelled("subject", unit="h")
    d2_h: FloatArray = labelled("subject", unit="h")
    benefit_h: FloatArray = labelled("subject", unit="h")
    side_effect_h: dict[str, FloatArray] = labelled("subject", unit="h")
    qtc_h: FloatArray = labelled("subject", unit="h")

    def __repr__(self) -> str:
        lines = [f"Hours after the last dose to half, {len(self.occupancy_h)} subject(s), medians"]
        for name in self.layout():
            values = getattr(self, name)
            each = values.items() if isinstance(values, dict) else [("", values)]
            lines += [
                f"  {' '.join(filter(None, (name.removesuffix('_h'), what)))}: {_shown(hours)}"
                for what, hours in each
            ]
        return "\n".join(lines)


def _shown(hours: FloatArray) -> str:
    known = hours[~np.isnan(hours)]
    if not len(known):
        return "no effect, or none known"
    middle = float(np.median(known))
    return f"{middle:.3g} h" if np.isfinite(middle) else "not within two years"


def to_half(
    run: Any,
    *,
    hazard: str = "convex",
    threads: int | None = None,
    cancel: CancelToken | None = None,
) -> ToHalf:
    """Return the hours after the last dose until each effect is half.

    Parameters
    ----------
    run : Run or OccupancyResult
        A run with a dose.
    hazard : {"convex", "linear"}
        How falls count for akathisia and somnolence; see :func:`vmatcore.outcome.evaluate`.
    threads, cancel
        See :class:`vmatcore.work.Work`.

    Returns
    -------
    ToHalf

    Raises
    ------
    ParameterError, ParameterTypeError
        If it is not a run, has no dose, or subjects have regimens of their own.
    MemoryLimitError, SolverError
        As :func:`vmatcore.terminal.sites` does.

    Examples
    --------
    >>> import vmatcore as vm
    >>> found = to_half(vm.simulate("valbenazine 80 mg q24h x 14"))
    >>> bool(found.benefit_h[0] < found.occupancy_h[0])
    True
    """
    occupancy = run if isinstance(run, OccupancyResult) else getattr(run, "occupancy", None)
    if not isinstance(occupancy, OccupancyResult):
        raise ParameterTypeError(f"`run` must be a Run or an OccupancyResult, got {shown(run)}")
    if check.text("hazard", hazard) not in HAZARDS:
        raise unknown("hazard", hazard, HAZARDS)
    pk = occupancy.pk
    if pk.regimen.ids:
        raise ParameterError("`run` must have one regimen for all subjects, got several")
    read_until = float(pk.time_h[-1]) if len(pk.time_h) else 0.0
    start, end = last_interval_h(pk.regimen, read_until, single_h=DAY_H)
    last = pk.regimen.last_dose_h or 0.0
    times = np.unique(
        np.concatenate(
            [
                np.arange(max(start - MEMORY_H, 0.0), start, _EVERY_H),
                np.linspace(start, end, _INTERVAL_STEPS + 1),
                last + np.concatenate([[0.0], np.geomspace(0.05, _HORIZON_H, _AFTER)]),
            ]
        )
    )
    read = occupancy_stage.simulate(
        pk.read(times, progress=False),
        recovery_half_time_h=occupancy.recovery_half_time_h,
        threads=threads,
        progress=False,
        cancel=cancel,
    )
    signal = signal_from([read], 0, threads=threads, cancel=cancel)
    inside = (times >= start) & (times <= end)
    weights = trapezoid(times[inside])
    after = times >= last
    hours = times[after] - last

    def half(effect: FloatArray) -> FloatArray:
        # In C order, so that the sum of a row does not depend on the rows beside it.
        mean = (np.ascontiguousarray(effect[:, inside]) * weights).sum(axis=1)
        return last_crossing(hours, effect[:, after], 0.5 * mean, least=NO_EFFECT)

    fall = np.maximum(1.0 - signal.d2, 0.0)
    return ToHalf(
        occupancy_h=half(signal.vmat2),
        content_h={site: half(1.0 - content) for site, content in signal.content.items()},
        amine_h={site: half(1.0 - amine) for site, amine in signal.amine.items()},
        d2_h=half(fall),
        benefit_h=half(effects.share_of_score(fall, sources("half_effect")["d2"].value)),
        side_effect_h={
            name: half(_now(signal, name, hazard if name in PEAKED else "linear"))
            for name in SIDE_EFFECTS
        },
        qtc_h=half(np.nan_to_num(effects.qtc_ms(read.pk, sources("qtc")))),
    )


def _now(signal: SignalCourse, side_effect: str, hazard: str) -> FloatArray:
    """Return what brings a side effect at each moment, (subject, time); 0 at rest."""
    if side_effect == "prolactin raised":
        numbers = sources("prolactin")
        return (
            effects.prolactin_ratio(
                signal,
                rest_activation=numbers["rest_activation"].value,
                largest_rise=numbers["largest_rise"].value,
            )
            - 1.0
        )
    return effects.counted(signal, side_effect, hazard)
