"""Three places in the brain from one occupancy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vmatcore.occupancy import OccupancyResult
from vmatcore.steps import Steps
from vmatcore.terminal.drives import Profile
from vmatcore.terminal.result import TerminalResult
from vmatcore.terminal.stage import simulate
from vmatcore.terminal.terminal import Terminal
from vmatcore.work import CancelToken

__all__ = ["SITES", "sites"]

#: Site: the terminal that stands for it.
SITES: dict[str, Callable[[], Terminal]] = {
    "striatal dopamine": Terminal.default,
    "limbic serotonin": Terminal.serotonin,
    "cortical norepinephrine": Terminal.norepinephrine,
}


def sites(
    *,
    active: float | Steps | Profile | OccupancyResult,
    time_h: Any = None,
    relative_tolerance: float = 1e-6,
    threads: int | None = None,
    progress: bool | Callable[[int], Any] | None = None,
    cancel: CancelToken | None = None,
) -> dict[str, TerminalResult]:
    """Return the three amines that one blocked transporter lowers together.

    VMAT2 is the same protein in all three, so one occupancy drives them; how far
    each falls depends on its own synthesis, reuptake and breakdown.

    Parameters
    ----------
    active, time_h, relative_tolerance, threads, progress, cancel
        As for :func:`simulate`.

    Returns
    -------
    dict of str to TerminalResult
        By site: ``"striatal dopamine"``, ``"limbic serotonin"``,
        ``"cortical norepinephrine"``.

    Raises
    ------
    ParameterError, ParameterTypeError, MemoryLimitError, SolverError
        As :func:`simulate` does.

    Examples
    --------
    >>> three = sites(active=0.2, time_h=[0, 240])
    >>> {site: bool(found.content[0, -1] < 0.7) for site, found in three.items()}
    {'striatal dopamine': True, 'limbic serotonin': True, 'cortical norepinephrine': True}
    """
    return {
        site: simulate(
            active=active,
            terminal=make(),
            time_h=time_h,
            relative_tolerance=relative_tolerance,
            threads=threads,
            progress=progress,
            cancel=cancel,
        )
        for site, make in SITES.items()
    }
