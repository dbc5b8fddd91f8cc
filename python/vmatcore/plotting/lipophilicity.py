"""Onset, washout and reach of a probe drug over its lipophilicity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vmatcore.plotting.canvas import COLOURS, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["lipophilicity_figure"]


def lipophilicity_figure(scan: Any) -> Figure:
    """Return onset and washout over log P, and what one dose reaches beside what membranes hold."""
    figure = new_figure(figsize=(10.0, 4.4))
    delay, reach = figure.subplots(1, 2)
    for number, (values, label) in enumerate(
        [
            (scan.onset_h, "onset: to half of the plateau"),
            (scan.washout_h, "washout: to half after the last dose"),
            (scan.equilibration_half_time_h, "equilibration half-time"),
        ]
    ):
        style = "--" if number == 2 else "-"
        delay.semilogy(scan.log_p, values, style, color=COLOURS[number], label=label)
    delay.set_ylabel("h")
    delay.set_title("How soon, and how long", fontsize=10)
    reach.plot(scan.log_p, scan.plateau, color=COLOURS[3], label="mean at steady state")
    reach.plot(scan.log_p, scan.single_dose_peak, color=COLOURS[4], label="peak after one dose")
    reach.set_ylim(0.0, 1.1)
    reach.set_ylabel("unbound in brain over unbound in plasma")
    reach.set_title("How much acts", fontsize=10)
    held = reach.twinx()
    held.semilogy(scan.log_p, scan.total_per_unbound, ":", color=COLOURS[6], label="total/unbound")
    held.set_ylabel("total over unbound in brain (dotted)")
    for axes in (delay, reach):
        axes.set_xlabel("log P (both laws in it are assumed)")
        axes.legend(frameon=False, fontsize=8)
    return figure
