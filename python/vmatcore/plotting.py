"""Figures. Only this file knows matplotlib, and imports it when a figure is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import check
from vmatcore import occupancy as occupancy_stage
from vmatcore.errors import MissingExtraError, unknown
from vmatcore.metrics import last_interval_h

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from vmatcore.occupancy import OccupancyResult
    from vmatcore.pk import PkResult

__all__ = ["comparison_figure", "lipophilicity_figure", "run_figure", "window_figure"]

#: Colours that colour-blind readers can tell apart (Okabe and Ito 2008).
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")

_WASHOUT_DAYS = 28.0


def _new_figure(**options: Any) -> Figure:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError("figures need matplotlib: pip install 'vmatcore[lab]'") from None
    return Figure(layout="constrained", **options)


def run_figure(occupancy: OccupancyResult, stage: str) -> Figure:
    """Return one stage over time: medians, with the 5th to 95th percentile of many subjects."""
    if check.text("stage", stage) not in ("pk", "occupancy"):
        raise unknown("stage", stage, ["pk", "occupancy"])
    figure = _new_figure(figsize=(8.0, 4.5))
    axes = figure.subplots()
    days = occupancy.time_h / 24.0
    if stage == "pk":
        for i, moiety in enumerate(occupancy.pk.moieties):
            _band(axes, days, occupancy.pk.plasma_ng_ml[:, i], moiety.name, i)
        axes.set_ylabel("total plasma concentration, ng/mL")
    else:
        _band(axes, days, occupancy.vmat2, "VMAT2", 0)
        for i, (target, held) in enumerate(occupancy.off_target.items()):
            _band(axes, days, held, f"{target} (published Ki)", i + 1)
        axes.set_ylabel("share held by drug")
        axes.set_ylim(0.0, 1.0)
    axes.set_xlabel("time, d")
    axes.set_title(str(occupancy.pk.regimen), fontsize=10)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False)
    return figure


def _band(axes: Axes, x: Any, values: Any, name: str, number: int) -> None:
    if not len(values):
        return
    colour = _COLOURS[number % len(_COLOURS)]
    axes.plot(x, np.nanmedian(values, axis=0), color=colour, label=name)
    if len(values) > 1:
        low, high = np.nanquantile(values, [0.05, 0.95], axis=0)
        axes.fill_between(x, low, high, color=colour, alpha=0.2, linewidth=0)


def comparison_figure(arms: Mapping[str, OccupancyResult]) -> Figure:
    """Return plasma and occupancy over the last day, and occupancy after the last dose."""
    figure = _new_figure(figsize=(13.0, 4.6))
    plasma, held, fall = figure.subplots(1, 3)
    for number, (name, arm) in enumerate(arms.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        if arm.pk.regimen.last_dose_h is None:
            for axes in (plasma, held, fall):
                axes.plot([], [], color=colour, label=f"{name}: no dose")
            continue
        end_h = float(arm.time_h[-1]) if len(arm.time_h) else 0.0
        last, interval_end = last_interval_h(arm.pk.regimen, end_h)
        hours = np.linspace(0.0, 24.0, 241)
        day = arm.pk.read(np.maximum(interval_end - 24.0 + hours, 0.0), progress=False)
        active = _acting(day)
        total = np.nanmedian(day.plasma_ng_ml[:, active].sum(axis=1), axis=0)
        plasma.plot(hours, total, color=colour, label=name)
        half_time = arm.recovery_half_time_h
        held.plot(hours, _median_held(day, half_time), color=colour)
        after = np.linspace(0.0, _WASHOUT_DAYS, 673)
        later = arm.pk.read(last + 24.0 * after, progress=False)
        fall.plot(after, _median_held(later, half_time), color=colour)
        for moiety in later.moieties:
            if moiety.recovery_half_time is not None:
                low, high = moiety.recovery_half_time.spread
                label = f"{name}: recovery {low / 24:.2g} to {high / 24:.2g} d"
                edges = _median_held(later, low), _median_held(later, high)
                fall.fill_between(after, *edges, color=colour, alpha=0.15, linewidth=0, label=label)
    plasma.set(
        yscale="log", xlabel="hour of the last day", ylabel="ng/mL",
        title="Plasma: moieties that hold VMAT2, summed",
    )  # fmt: skip
    held.set(
        ylim=(0, 1), xlabel="hour of the last day", ylabel="share of VMAT2 held",
        title="VMAT2 occupancy, last day",
    )  # fmt: skip
    fall.set(
        ylim=(0, 1), xlim=(0, _WASHOUT_DAYS), xlabel="days after the last dose",
        ylabel="share of VMAT2 held", title="VMAT2 occupancy after the last dose",
    )  # fmt: skip
    if fall.get_legend_handles_labels()[0]:
        fall.legend(frameon=False, fontsize=9)
    for axes in (plasma, held):
        axes.set_xlim(0, 24)
        axes.set_xticks(range(0, 25, 6))
    for axes in (plasma, held, fall):
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    lines, names = plasma.get_legend_handles_labels()
    columns = max(min(len(arms), 5), 1)
    figure.legend(lines, names, loc="outside lower center", ncols=columns, frameon=False)
    return figure


def lipophilicity_figure(scan: Any) -> Figure:
    """Return onset and washout over log P, and what one dose reaches beside what membranes hold."""
    figure = _new_figure(figsize=(10.0, 4.4))
    delay, reach = figure.subplots(1, 2)
    for number, (values, label) in enumerate(
        [
            (scan.onset_h, "onset: to half of the plateau"),
            (scan.washout_h, "washout: to half after the last dose"),
            (scan.equilibration_half_time_h, "equilibration half-time"),
        ]
    ):
        style = "--" if number == 2 else "-"
        delay.semilogy(scan.log_p, values, style, color=_COLOURS[number], label=label)
    delay.set_ylabel("h")
    delay.set_title("How soon, and how long", fontsize=10)
    reach.plot(scan.log_p, scan.plateau, color=_COLOURS[3], label="mean at steady state")
    reach.plot(scan.log_p, scan.single_dose_peak, color=_COLOURS[4], label="peak after one dose")
    reach.set_ylim(0.0, 1.1)
    reach.set_ylabel("unbound in brain over unbound in plasma")
    reach.set_title("How much acts", fontsize=10)
    held = reach.twinx()
    held.semilogy(scan.log_p, scan.total_per_unbound, ":", color=_COLOURS[6], label="total/unbound")
    held.set_ylabel("total over unbound in brain (dotted)")
    for axes in (delay, reach):
        axes.set_xlabel("log P (both laws in it are assumed)")
        axes.legend(frameon=False, fontsize=8)
    return figure


def window_figure(found: Any) -> Figure:
    """Return benefit, harm and each side effect over dose and over occupancy."""
    figure = _new_figure(figsize=(11.0, 4.6))
    panels = figure.subplots(1, 2, sharey=True)
    over = (found.dose_mg_per_day, found.occupancy)
    ranges = (found.ranges_mg_per_day(), found.ranges_occupancy())
    names = ("mg a day", "mean share of VMAT2 held")
    for axes, places, spans, name in zip(panels, over, ranges, names, strict=True):
        axes.plot(
            places, found.benefit, color=_COLOURS[2], linewidth=2.5, label="benefit, weighted"
        )
        axes.plot(places, found.harm, color=_COLOURS[1], linewidth=2.5, label="harm, weighted")
        for number, effect in enumerate(found.outcome.probability):
            excess = found.outcome.excess(effect)
            style = {"color": _COLOURS[(0, 3, 4, 5, 6)[number % 5]], "linestyle": "--"}
            axes.plot(places, excess, label=f"{effect}, beyond placebo", **style)
        for start, end in spans:
            axes.axvspan(start, end, color=_COLOURS[2], alpha=0.12, linewidth=0)
        axes.set_xlabel(name)
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("share of the score, or chance")
    figure.suptitle(
        f"{found.drug} every {found.every_h:g} h, {found.outcome.condition or 'no condition'}; "
        "shaded: benefit beats harm",
        fontsize=10,
    )
    panels[0].legend(frameon=False, fontsize=8)
    return figure


def _acting(pk: PkResult) -> list[int]:
    """The moieties that make at least a hundredth of S = sum C_u/Ki."""
    loads = [
        float(np.nanmean(pk.brain_unbound_nmol_l[:, i])) * moiety.per_ki("VMAT2")
        for i, moiety in enumerate(pk.moieties)
    ]
    return [i for i, load in enumerate(loads) if load >= 0.01 * sum(loads)]


def _median_held(pk: PkResult, half_time: float | None) -> Any:
    held = occupancy_stage.simulate(pk, recovery_half_time_h=half_time, progress=False)
    return np.nanmedian(held.vmat2, axis=0)
