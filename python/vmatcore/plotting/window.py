"""Benefit and harm over dose and over occupancy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vmatcore.plotting.canvas import COLOURS, new_figure, plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["window_figure"]


def window_figure(found: Any) -> Figure:
    """Return benefit, harm and each side effect over dose and over occupancy."""
    figure = new_figure(figsize=(11.0, 4.6))
    panels = figure.subplots(1, 2, sharey=True)
    over = (found.dose_mg_per_day, found.occupancy)
    ranges = (found.ranges_mg_per_day(), found.ranges_occupancy())
    names = ("mg a day", "mean share of VMAT2 held")
    for axes, places, spans, name in zip(panels, over, ranges, names, strict=True):
        weight = found.weights["benefit"]
        label = "benefit" if weight == 1.0 else f"benefit, times {weight:g}"
        axes.plot(places, found.benefit, color=COLOURS[2], linewidth=2.5, label=label)
        axes.plot(places, found.harm, color=COLOURS[1], linewidth=2.5, label="harm, the sum of:")
        for number, effect in enumerate(found.outcome.probability):
            weight = found.weights[effect]
            if weight == 0.0:
                continue
            excess = weight * found.outcome.excess(effect)
            label = effect if weight == 1.0 else f"{effect}, times {weight:g}"
            style = {"color": COLOURS[(0, 3, 4, 5, 6)[number % 5]], "linestyle": "--"}
            axes.plot(places, excess, label=label, **style)
        for start, end in spans:
            axes.axvspan(start, end, color=COLOURS[2], alpha=0.12, linewidth=0)
        axes.set_xlabel(name)
        plain(axes)
    panels[0].set_ylabel("share of the score, or chance beyond placebo")
    figure.suptitle(
        f"{found.drug} every {found.every_h:g} h, {found.outcome.condition or 'no condition'}; "
        "shaded: benefit beats harm (a hypothesis)",
        fontsize=10,
    )
    panels[0].legend(frameon=False, fontsize=8)
    return figure
