"""Figures and tables of docs/model/filling.md: the gradient that fills, and copies that are lost.

python -m docs.experiments.filling            print the tables
python -m docs.experiments.filling --write    write tables and figures
"""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import vmatcore as vm
from vmatcore.filling import Histogram, ProtonSupply, simulate

PAGE = Path(__file__).parents[1] / "model" / "filling.md"
FIGURES = Path(__file__).parents[1] / "figures"
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")

VESICLES = 20_000
ACTIVE = (0.5, 0.2, 0.1)
#: How long one drug molecule stays on one copy; None for the life of the vesicle.
RESIDENCES_S = (10.0, 120.0, 600.0, 3600.0, None)


def called(residence_s: float | None) -> str:
    if residence_s is None:
        return "life of the vesicle"
    minutes = residence_s / 60
    return f"{residence_s:g} s" if minutes < 1 else f"{minutes:g} min"


def contents(active: float, residence_s: float | None) -> np.ndarray:
    """Contents long after the drug came, copies blocked and freed in the meantime."""
    settings = {"binding": "irreversible"}
    if residence_s is not None:
        settings = {"binding": "telegraph", "residence_s": residence_s}
    vesicle = vm.Vesicle()
    wait_s = 10 * max(residence_s or 0, vesicle.refill_s(active))
    return simulate(
        vesicle,
        active=active,
        time_s=[wait_s],
        start=round(vesicle.content(active)),
        vesicles=VESICLES,
        seed=43,
        **settings,
    ).molecules[:, 0]


def copy_rows(residences_s: Sequence[float | None] = RESIDENCES_S) -> list[tuple[str, ...]]:
    """For every share of working copies and residence: mean, copy noise, empty vesicles."""
    rows = []
    for active in ACTIVE:
        dimmed = vm.Vesicle().content(active)
        for residence_s in residences_s:
            found = contents(active, residence_s)
            mean, noise = found.mean(), math.sqrt(max(found.var() - found.mean(), 0.0))
            rows.append(
                (
                    f"{active:g}",
                    called(residence_s),
                    f"{mean / dimmed:.3f}",
                    f"{100 * noise / mean:.1f} %",
                    f"{100 * (found < 0.1 * dimmed).mean():.2f} %",
                    f"{100 * (1 - active) ** 10:.2f} %" if residence_s is None else "",
                )
            )
    return rows


SUPPLIES = {
    "published model": ProtonSupply(),
    "a tenth of its proton leak": ProtonSupply(proton_permeability_cm_s=1.23e-4),
}


def supply_rows() -> list[tuple[str, ...]]:
    """Where an empty and a filling vesicle come to rest."""
    rows = []
    for name, supply in SUPPLIES.items():
        for case, active in (("empty", 0.0), ("filling", 1.0), ("filling, 0.1 works", 0.1)):
            vesicle = vm.Vesicle(proton_supply=supply)
            end = simulate(vesicle, active=active, time_s=[7200.0], method="mean")
            rows.append(
                (
                    name,
                    case,
                    f"{end.ph[0]:.2f}",
                    f"{end.potential_mv[0]:.0f}",
                    f"{end.mean[0]:,.0f}",
                )
            )
    return rows


def table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def tables() -> dict[str, str]:
    """Every table of the page, by the name in its marks."""
    return {
        "copies": table(
            (
                "working",
                "a drug molecule stays",
                "mean content / content at the mean share",
                "noise from copies",
                "vesicles below 10 %",
                "(1 - f)^n",
            ),
            copy_rows(),
        ),
        "supply": table(("proton supply", "vesicle", "pH", "mV", "molecules"), supply_rows()),
    }


def new_figure(**options):
    from matplotlib.figure import Figure

    return Figure(layout="constrained", **options)


def draw_copies(path: Path) -> None:
    figure = new_figure(figsize=(9.0, 3.6))
    dimmed = vm.Vesicle().content(0.1)
    for axes, residence_s in zip(
        figure.subplots(1, len(RESIDENCES_S), sharey=True), RESIDENCES_S, strict=True
    ):
        axes.hist(contents(0.1, residence_s), bins=np.arange(0, 2600, 50), color=COLOURS[0])
        axes.axvline(dimmed, color=COLOURS[1], linewidth=1)
        axes.set_title(called(residence_s), fontsize=9)
        axes.set_xlabel("molecules")
        axes.set_yscale("log")
    figure.axes[0].set_ylabel(f"vesicles of {VESICLES:,}")
    figure.suptitle(
        "Content when a tenth of VMAT2 works, by how long a drug molecule stays", fontsize=10
    )
    figure.savefig(path, dpi=130)


def draw_supply(path: Path) -> None:
    times = np.concatenate([[0.0], np.geomspace(0.1, 3600.0, 400)])
    figure = new_figure(figsize=(9.0, 3.4))
    panels = figure.subplots(1, 3)
    for i, (name, supply) in enumerate(SUPPLIES.items()):
        for active, style in ((0.0, "--"), (1.0, "-")):
            vesicle = vm.Vesicle(proton_supply=supply)
            found = simulate(vesicle, active=active, time_s=times, method="mean")
            label = f"{name}, {'filling' if active else 'empty'}"
            for axes, values in zip(
                panels, (found.ph, found.potential_mv, found.mean), strict=True
            ):
                axes.plot(times[1:], values[1:], style, color=COLOURS[i], label=label)
    for axes, title in zip(panels, ("pH", "potential, mV", "molecules"), strict=True):
        axes.set_xscale("log")
        axes.set_xlabel("time, s")
        axes.set_title(title, fontsize=10)
    panels[2].legend(frameon=False, fontsize=7)
    figure.savefig(path, dpi=130)


def draw_distributions(path: Path) -> None:
    """The exact law, and what the methods draw from it."""
    vesicle, times = vm.Vesicle(), [30.0, 120.0, 900.0]
    law = vm.filling.distribution(vesicle, active=0.5, time_s=times)
    edges = np.arange(0, 2600, 10)
    figure = new_figure(figsize=(7.0, 3.2))
    axes = figure.subplots()
    for method, marker in (("closed_form", "."), ("ssa", "x")):
        kept = simulate(
            vesicle,
            active=0.5,
            time_s=times,
            vesicles=VESICLES,
            method=method,
            keep=Histogram(edges=edges),
            seed=8,
        )
        for i in range(len(times)):
            seen = kept.counts[i] > 0
            axes.plot(
                edges[:-1][seen] + 5,
                kept.counts[i][seen] / VESICLES / 10,
                marker,
                color=COLOURS[i],
                markersize=4,
                label=method if i == 0 else None,
            )
    for i, time_s in enumerate(times):
        likely = np.flatnonzero(law.probability[:, i] > 1e-7)
        chance = law.probability[likely, i]
        axes.plot(likely, chance, color=COLOURS[i], label=f"law after {time_s:g} s")
    axes.set_xlabel("molecules")
    axes.set_ylabel("probability")
    axes.set_xlim(0, 2400)
    axes.legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=130)


def filled(page: str) -> str:
    """The page with its tables made anew."""
    for name, text in tables().items():
        block = f"<!-- {name} -->\n{text}\n<!-- end -->"
        page = re.sub(f"<!-- {name} -->\n.*?<!-- end -->", lambda _, b=block: b, page, flags=re.S)
    return page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    if not parser.parse_args().write:
        print("\n\n".join(tables().values()))
        return
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    draw_copies(FIGURES / "copies.png")
    draw_supply(FIGURES / "proton-supply.png")
    draw_distributions(FIGURES / "filling.png")


if __name__ == "__main__":
    main()
