"""Arms side by side: the last day, and what is left after the last dose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import occupancy as occupancy_stage
from vmatcore.errors import ParameterError
from vmatcore.metrics import last_interval_h
from vmatcore.outcome import SIDE_EFFECTS
from vmatcore.outcome.day import DAY_H, DAY_STEPS, MEMORY_H, signal_from
from vmatcore.plotting.canvas import COLOURS, median, new_figure, plain
from vmatcore.result import median_of_known

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from vmatcore.occupancy import OccupancyResult
    from vmatcore.pk import PkResult
    from vmatcore.signal import SignalCourse

    FloatArray = npt.NDArray[np.float64]

__all__ = ["comparison_figure"]

_WASHOUT_DAYS = 28.0
_HISTORY_STEP_H = 0.5
_WASHOUT_STEPS = 336

#: Site: how it is written beside an axis.
_SHORT = {
    "striatal dopamine": "dopamine\nstriatum",
    "limbic serotonin": "serotonin\nlimbic",
    "cortical norepinephrine": "norepinephr.\ncortex",
}

#: Row: for each arm its value, and an interval if it has one.
_Rows = Mapping[str, Mapping[str, tuple[float, tuple[float, float] | None]]]


@dataclass(frozen=True, kw_only=True)
class _Courses:
    """One arm over its last day, hour by hour, and over the days after its last dose."""

    colour: str
    day_h: FloatArray
    day_held: OccupancyResult
    day: SignalCourse | None
    after_d: FloatArray
    after_held: OccupancyResult
    after: SignalCourse | None


def comparison_figure(runs: Mapping[str, Any], *, outcome: bool) -> Figure:
    """Return the panels; without an ``outcome`` those on plasma and occupancy alone."""
    if any(run.regimen.ids for run in runs.values()):
        raise ParameterError(
            "`runs` must have one regimen for all subjects to be drawn, got several"
        )
    figure = new_figure(figsize=(16.0, 8.2) if outcome else (13.0, 4.6))
    rows = figure.subplots(2, 4) if outcome else figure.subplots(1, 3, squeeze=False)
    arms: dict[str, _Courses] = {}
    for number, (name, run) in enumerate(runs.items()):
        colour = COLOURS[number % len(COLOURS)]
        if run.regimen.last_dose_h is None:
            rows[0, 0].plot([], [], color=colour, label=f"{name}: no dose")
        else:
            arms[name] = _courses(run.occupancy, colour, signals=outcome)
    _last_day(rows[0, :2], arms)
    _held_after(rows[1, 0] if outcome else rows[0, 2], arms)
    if outcome:
        dosed = {name: runs[name] for name in arms}
        _amines(rows[0, 2], arms)
        _signals_after(rows[1, 1:3], arms)
        _effects(rows[0, 3], dosed, arms)
        _hours_to_half(rows[1, 3], dosed, arms)
    for axes in rows.flat:
        plain(axes)
        axes.title.set_fontsize(10)
    lines, names = rows[0, 0].get_legend_handles_labels()
    columns = max(min(len(runs), 5), 1)
    figure.legend(lines, names, loc="outside lower center", ncols=columns, frameon=False)
    return figure


def _courses(occupancy: OccupancyResult, colour: str, *, signals: bool) -> _Courses:
    """Read an arm once: what its terminals remember, its last day, and the days after."""
    pk = occupancy.pk
    until = float(pk.time_h[-1]) if len(pk.time_h) else 0.0
    last, end = last_interval_h(pk.regimen, until, single_h=DAY_H)
    day = np.linspace(max(end - 24.0, 0.0), end, DAY_STEPS + 1)
    after = last + np.linspace(0.0, 24.0 * _WASHOUT_DAYS, _WASHOUT_STEPS + 1)
    before = np.arange(max(day[0] - MEMORY_H, 0.0), day[0], _HISTORY_STEP_H)
    times = np.unique(np.concatenate([before, day, after]))
    inside, later = np.isin(times, day), np.isin(times, after)
    signal = signal_from([_read(occupancy, times)], 0) if signals else None
    return _Courses(
        colour=colour,
        day_h=times[inside] - day[0],
        day_held=_read(occupancy, times[inside]),
        day=None if signal is None else signal.at(inside),
        after_d=(times[later] - last) / 24.0,
        after_held=_read(occupancy, times[later]),
        after=None if signal is None else signal.at(later),
    )


def _last_day(panels: Any, arms: Mapping[str, _Courses]) -> None:
    plasma, held = panels
    for name, arm in arms.items():
        pk = arm.day_held.pk
        total = median(pk.plasma_ng_ml[:, _acting(pk)].sum(axis=1))
        plasma.plot(arm.day_h, total, color=arm.colour, label=name)
        held.plot(arm.day_h, median(arm.day_held.vmat2), color=arm.colour)
    some = any(np.nansum(line.get_ydata()) > 0 for line in plasma.lines)
    plasma.set(
        yscale="log" if some else "linear", xlabel="hour of the last day", ylabel="ng/mL",
        title="Plasma of what holds VMAT2, last day",
    )  # fmt: skip
    held.set(
        ylim=(0, 1), xlabel="hour of the last day", ylabel="share of VMAT2 held",
        title="VMAT2 occupancy, last day",
    )  # fmt: skip
    for axes in (plasma, held):
        axes.set_xlim(0, 24)
        axes.set_xticks(range(0, 25, 6))


def _amines(axes: Axes, arms: Mapping[str, _Courses]) -> None:
    days = {name: arm.day for name, arm in arms.items() if arm.day is not None}
    held_back = {name: day.content | {"D2": day.d2} for name, day in days.items()}
    outside = {name: day.amine for name, day in days.items()}
    for part, marker in ((held_back, "o"), (outside, "d")):
        values = {
            label: {
                name: (median_of_known(days[name].mean(one[site])), None)
                for name, one in part.items()
                if site in one
            }
            for site, label in (_SHORT | {"D2": "D2\nactivation"}).items()
        }
        _dots(axes, values, arms, marker)
    axes.set(
        xlim=(0, 1.02), xlabel="mean of the last day over that without drug",
        title="Content (dots), amine outside (diamonds)",
    )  # fmt: skip


def _held_after(axes: Axes, arms: Mapping[str, _Courses]) -> None:
    for name, arm in arms.items():
        axes.plot(arm.after_d, median(arm.after_held.vmat2), color=arm.colour)
        for moiety in arm.after_held.pk.moieties:
            if moiety.recovery_half_time is not None:
                low, high = moiety.recovery_half_time.spread
                label = f"{name}: recovery {low / 24:.2g} to {high / 24:.2g} d"
                lower, upper = (_median_held(arm.after_held.pk, end) for end in (low, high))
                axes.fill_between(
                    arm.after_d, lower, upper, color=arm.colour, alpha=0.15, linewidth=0,
                    label=label,
                )  # fmt: skip
    _after(axes, "share of VMAT2 held", "VMAT2 occupancy after the last dose")
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, fontsize=9)


def _signals_after(panels: Any, arms: Mapping[str, _Courses]) -> None:
    content, active = panels
    for arm in arms.values():
        if arm.after is not None:
            held = arm.after.content["striatal dopamine"]
            content.plot(arm.after_d, median(held), color=arm.colour)
            active.plot(arm.after_d, median(arm.after.d2), color=arm.colour)
    _after(content, "over that without drug", "Striatal content after the last dose")
    _after(active, "over that without drug", "D2 activation after the last dose")


def _after(axes: Axes, label: str, title: str) -> None:
    axes.set(
        ylim=(0, 1.02), xlim=(0, _WASHOUT_DAYS), xlabel="days after the last dose",
        ylabel=label, title=title,
    )  # fmt: skip


def _effects(axes: Axes, runs: Mapping[str, Any], arms: Mapping[str, _Courses]) -> None:
    """Draw benefit and side effects beyond placebo, with the intervals of the fits."""
    values: dict[str, Any] = {"benefit": {}}
    for name, run in runs.items():
        found = run.outcome
        share = [-median_of_known(part) / found.baseline_score for part in (
            found.benefit, found.benefit_high, found.benefit_low)]  # fmt: skip
        values["benefit"][name] = share[0], (share[1], share[2])
        for effect in SIDE_EFFECTS:
            middle, low, high = (
                median_of_known(part[effect]) - found.placebo[effect]
                for part in (found.probability, found.probability_low, found.probability_high)
            )
            values.setdefault(effect.replace(" ", "\n"), {})[name] = middle, (low, high)
    _dots(axes, values, arms)
    axes.set(
        xlim=(-0.02, 1.0), xlabel="share of the score, or chance, beyond placebo",
        title="Benefit and side effects, hypotheses",
    )  # fmt: skip


def _hours_to_half(axes: Axes, runs: Mapping[str, Any], arms: Mapping[str, _Courses]) -> None:
    values: dict[str, Any] = {}
    for name, run in runs.items():
        found = run.to_half
        rows = {
            "VMAT2 held": found.occupancy_h,
            **{_SHORT[site].split("\n")[0]: hours for site, hours in found.content_h.items()},
            "D2 activation": found.d2_h,
            "benefit": found.benefit_h,
            **{effect.split()[0]: found.side_effect_h[effect] for effect in SIDE_EFFECTS},
        }
        for row, hours in rows.items():
            values.setdefault(row, {})[name] = median_of_known(hours), None
    _dots(axes, values, arms)
    some = any(np.isfinite(value) for row in values.values() for value, _ in row.values())
    axes.set(
        xscale="log" if some else "linear", xlabel="h; of the amines, their content",
        title="Hours after the last dose to half",
    )  # fmt: skip


def _dots(axes: Axes, values: _Rows, arms: Mapping[str, _Courses], marker: str = "o") -> None:
    """Draw a row of dots for each name, an arm a colour, one below the other."""
    apart = 0.7 / max(len(arms), 1)
    for row, found in enumerate(values.values()):
        for place, (arm, (value, interval)) in enumerate(found.items()):
            y = row + (place - (len(found) - 1) / 2) * apart
            if interval is not None:
                axes.plot(interval, [y, y], color=arms[arm].colour, alpha=0.4, linewidth=1.5)
            axes.plot([value], [y], marker, color=arms[arm].colour, markersize=5, alpha=0.8)
    axes.set_yticks(range(len(values)), list(values))
    axes.set_ylim(len(values) - 0.5, -0.5)


def _acting(pk: PkResult) -> list[int]:
    """The moieties that make at least a hundredth of S = sum C_u/Ki."""
    loads = [
        float(np.nansum(pk.brain_unbound_nmol_l[:, i])) * moiety.per_ki("VMAT2")
        for i, moiety in enumerate(pk.moieties)
    ]
    return [i for i, load in enumerate(loads) if load >= 0.01 * sum(loads)]


def _read(occupancy: OccupancyResult, times: FloatArray) -> OccupancyResult:
    return occupancy_stage.simulate(
        occupancy.pk.read(times, progress=False),
        recovery_half_time_h=occupancy.recovery_half_time_h,
        progress=False,
    )


def _median_held(pk: PkResult, half_time: float | None) -> FloatArray:
    held = occupancy_stage.simulate(pk, recovery_half_time_h=half_time, progress=False)
    return median(held.vmat2)
