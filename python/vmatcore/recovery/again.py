"""The chain run again with other constants: occupancy, and the content of vesicles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from vmatcore import pk
from vmatcore.chain import Run
from vmatcore.drugs.quantity import override
from vmatcore.occupancy import OccupancyResult
from vmatcore.occupancy import simulate as occupy
from vmatcore.pk import Brain
from vmatcore.recovery.draws import of, with_constants
from vmatcore.terminal import Profile, Renewal, Terminal, simulate

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["contents", "held"]


def held(run: Run, times: FloatArray, values: Mapping[str, float]) -> OccupancyResult:
    """Return the occupancy with other constants.

    Examples
    --------
    >>> import vmatcore as vm
    >>> run = vm.simulate("tetrabenazine 25 mg")
    >>> weaker = {"moiety (+)-beta-HTBZ: ki": 100.0}
    >>> bool(held(run, np.array([2.0]), weaker).vmat2[0, 0] < run.at(2).occupancy.vmat2[0, 0])
    True
    """
    drugs = [
        replace(
            drug.with_parameters(of(values, f"drug {drug.name}")),
            moieties=tuple(
                with_constants(moiety, of(values, f"moiety {moiety.name}"))
                for moiety in drug.moieties
            ),
        )
        for drug in run.pk.drugs
    ]
    brain = Brain(parameters=override(run.pk.brain.parameters, of(values, "brain")))
    found = pk.simulate(
        run.regimen,
        time_h=times,
        subjects=run.subjects,
        drugs=drugs,
        brain=brain,
        progress=False,
    )
    drawn = [v for k, v in values.items() if k.endswith(": recovery_half_time")]
    half_time = max(drawn) if drawn else run.occupancy.recovery_half_time_h
    return occupy(found, recovery_half_time_h=half_time, progress=False)


def contents(
    occupied: list[OccupancyResult],
    terminal: Terminal,
    values: list[dict[str, float]],
    renewal: str,
) -> FloatArray:
    """Return the relative content of every draw, (draw, subject, time); NaN where the drug's is."""
    subjects, times = len(occupied[0].vmat2), occupied[0].time_h
    followed = np.concatenate([np.isfinite(one.vmat2).all(axis=1) for one in occupied])
    content = np.full((len(followed), len(times)), np.nan)
    if not followed.any():
        return content.reshape(len(occupied), subjects, -1)
    drawn = [of(value, "terminal") for value in values]
    rows: dict[str, list[float]] = {}
    for name in drawn[0]:
        each_run = [terminal.parameters[name].value, *(one[name] for one in drawn)]
        rows[name] = np.repeat(each_run, subjects)[followed].tolist()
    active: Profile | Renewal
    if renewal == "copies":
        shares = np.concatenate([np.clip(one.active, 0.0, 1.0) for one in occupied])
        active = Profile(time_h=times, values=shares[followed])
    else:
        each = [Renewal.of(one) for one in occupied]
        active = Renewal(
            time_h=times,
            hits=np.concatenate([one.hits for one in each])[followed],
            load=np.concatenate([one.load for one in each])[followed],
            renewal_per_h=np.concatenate([one.renewal_per_h for one in each])[followed],
        )
    found = simulate(
        active=active, terminal=terminal.with_values(rows), time_h=times, progress=False
    )
    content[followed] = found.content
    return content.reshape(len(occupied), subjects, -1)
