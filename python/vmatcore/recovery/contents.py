"""The content of vesicles in every draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vmatcore.occupancy import OccupancyResult
from vmatcore.terminal import Profile, Renewal, Terminal, simulate

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["contents"]


def contents(
    occupied: list[OccupancyResult],
    terminal: Terminal,
    drawn: dict[str, FloatArray],
    renewal: str,
) -> FloatArray:
    """Return the relative content, (draw, subject, time); NaN where the drug's is.

    The first occupancy is that with every constant at its value, the others are of the
    draws, whose constants of the terminal are given by name, (draw,).

    Examples
    --------
    >>> import vmatcore as vm
    >>> held = vm.simulate("tetrabenazine 25 mg", time_h=[0.0, 2.0]).occupancy
    >>> strong = {"mao_per_h": np.array([20.0])}
    >>> found = contents([held, held], vm.Terminal.default(), strong, "copies")
    >>> found.shape, bool((found[:, 0, 1] < 1).all()), bool(found[0, 0, 1] == found[1, 0, 1])
    ((2, 1, 2), True, False)
    """
    subjects, times = len(occupied[0].vmat2), occupied[0].time_h
    shape = (len(occupied), subjects, len(times))
    followed = np.concatenate([np.isfinite(one.vmat2).all(axis=1) for one in occupied])
    content = np.full((len(followed), len(times)), np.nan)
    if not followed.any():
        return content.reshape(shape)
    rows = {
        name: np.repeat(np.concatenate([[terminal.value(name)], values]), subjects)[followed]
        for name, values in drawn.items()
    }
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
    return content.reshape(shape)
