"""One run, one stage, over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vmatcore import check
from vmatcore.errors import unknown
from vmatcore.plotting.canvas import band, new_figure
from vmatcore.subject import CONDITIONS

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from matplotlib.figure import Figure

    FloatArray = npt.NDArray[np.float64]

__all__ = ["run_figure"]


#: What can be drawn.
_STAGES = ("pk", "occupancy", "signal", "plasticity")


def run_figure(run: Any, stage: str) -> Figure:
    """Return one stage over time: medians, with the 5th to 95th percentile of many subjects."""
    if check.text("stage", stage) not in _STAGES:
        raise unknown("stage", stage, _STAGES)
    figure = new_figure(figsize=(8.0, 4.5))
    axes = figure.subplots()
    read = {"pk": _plasma, "occupancy": _held, "signal": _signal, "plasticity": _severity}[stage]
    days, curves, label = read(run)
    for number, (name, values) in enumerate(curves.items()):
        band(axes, days, values, name, number)
    axes.set(xlabel="time, d", ylabel=label)
    if stage in ("occupancy", "signal"):
        axes.set_ylim(0.0, 1.02)
    axes.set_title(str(run.regimen), fontsize=10)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False)
    return figure


_Curves = tuple["FloatArray", dict[str, "FloatArray"], str]


def _plasma(run: Any) -> _Curves:
    curves = {one.name: run.pk.plasma_ng_ml[:, i] for i, one in enumerate(run.pk.moieties)}
    return run.pk.time_h / 24.0, curves, "total plasma concentration, ng/mL"


def _held(run: Any) -> _Curves:
    others = {f"{name} (published Ki)": held for name, held in run.occupancy.off_target.items()}
    return run.pk.time_h / 24.0, {"VMAT2": run.occupancy.vmat2} | others, "share held by drug"


def _signal(run: Any) -> _Curves:
    found = run.signal
    outside = {f"{site}, outside": values for site, values in found.amine.items()}
    more = {"D2 activation by dopamine": found.d2, "bursts at D1": found.burst}
    return run.pk.time_h / 24.0, outside | more, "over that without drug"


def _severity(run: Any) -> _Curves:
    found = run.plasticity
    curves = {name: found.severity(name) for name in CONDITIONS}
    return found.day[1:], curves, "severity (hypothesis), 1 before the drug"
