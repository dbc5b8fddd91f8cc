"""Three places in the brain from one occupancy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vmatcore import check
from vmatcore.errors import unknown
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
    terminals: Mapping[str, Terminal] | None = None,
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
    terminals : mapping of str to Terminal, optional
        Terminals of your own by site, instead of :data:`SITES`.

    Returns
    -------
    dict of str to TerminalResult
        By site: ``"striatal dopamine"``, ``"limbic serotonin"``,
        ``"cortical norepinephrine"``.

    Raises
    ------
    UnknownNameError
        For a site that does not exist.
    ParameterError, ParameterTypeError, MemoryLimitError, SolverError
        As :func:`simulate` does.

    Examples
    --------
    >>> three = sites(active=0.2, time_h=[0, 240])
    >>> {site: bool(found.content[0, -1] < 0.7) for site, found in three.items()}
    {'striatal dopamine': True, 'limbic serotonin': True, 'cortical norepinephrine': True}
    """
    own = {} if terminals is None else check.mapping("terminals", terminals)
    for site in own:
        if site not in SITES:
            raise unknown("site", site, SITES)
    return {
        site: simulate(
            active=active,
            terminal=own[site] if site in own else make(),
            time_h=time_h,
            relative_tolerance=relative_tolerance,
            threads=threads,
            progress=progress,
            cancel=cancel,
        )
        for site, make in SITES.items()
    }
