"""The verb of the stage: drive a terminal, read its amine."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import _core, check
from vmatcore.errors import ParameterError, ParameterTypeError, SolverError, shown
from vmatcore.occupancy import OccupancyResult
from vmatcore.result import provenance
from vmatcore.steps import Steps
from vmatcore.terminal.drives import Course, Profile, course, merged, unknown_rows
from vmatcore.terminal.load import Load
from vmatcore.terminal.renewal import Renewal
from vmatcore.terminal.result import TerminalResult
from vmatcore.terminal.terminal import Terminal
from vmatcore.work import CancelToken, Work, claim

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["simulate"]

_KEPT = ("cytosol", "content", "outside", "acids")
_MOST_HZ = 1000.0

#: Rounds between the ages of vesicles and the cytosol, and when they agree.
_MOST_ROUNDS = 30
_SAME_SHARE = 1e-6

#: Amine below zero by this much (umol/L) is more than rounding.
_ROUNDING = 1e-9

#: A cytosol this many times the tissue does not change in any run.
_CLAMP = 1e15


def simulate(
    *,
    active: float | Steps | Profile | OccupancyResult | Load | Renewal = 1.0,
    terminal: Terminal | None = None,
    firing_hz: float | Steps | Profile | None = None,
    time_h: Any = None,
    clamp_cytosol: bool = False,
    fluxes: bool = False,
    relative_tolerance: float = 1e-8,
    threads: int | None = None,
    progress: bool | Callable[[int], Any] | None = None,
    cancel: CancelToken | None = None,
) -> TerminalResult:
    """Return cytosolic, vesicular and extracellular amine over time.

    Each terminal starts at rest: the state in which it settles with all VMAT2 working,
    at its resting firing rate.

    Parameters
    ----------
    active : float, Steps, Profile, OccupancyResult, Load or Renewal
        Share of VMAT2 that works, in [0, 1]. An occupancy gives one terminal for each
        of its subjects, straight lines between its reads, and every vesicle the same
        share; a subject that failed is NaN. A Load is 1/(1 + S) of a reversible ligand,
        smooth between doses. With a Renewal vesicles differ by their age.
    terminal : Terminal, optional
        What is driven; ``Terminal.default()``.
    firing_hz : float, Steps or Profile, optional
        Firing rate in Hz; the terminal's resting rate.
    time_h : sequence of float, optional
        Read times in h, not negative, in order, and not after the last one of an
        occupancy or a renewal; all of theirs by default.
    clamp_cytosol : bool
        If true, cytosolic amine is held at its resting value: content then follows VMAT2
        alone. Never so in a living terminal; it shows what the cytosol adds.
    fluxes : bool
        Whether to return the fluxes, too.
    relative_tolerance : float
        Of the solver, in [1e-12, 0.01].
    threads, progress, cancel
        See :class:`vmatcore.work.Work`.

    Returns
    -------
    TerminalResult

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.
    MemoryLimitError
        If the result would not fit.
    SolverError
        If no terminal could be followed.

    Notes
    -----
    VMAT2 as a reversible carrier with a leak: dv/dt = f [vmax c/(km + c) - efflux v
    km/(km + c)] - leak v - release v. With a block, c rises until synthesis and
    reuptake are lost to MAO, and refills part of what the block empties. Solved by
    Rodas5P (Steinebach 2023, doi:10.1007/s10543-023-00967-x).

    Examples
    --------
    >>> import vmatcore as vm
    >>> blocked = vm.terminal.simulate(active=0.2, time_h=[0, 1, 24, 240])
    >>> blocked.content[0].round(2).tolist(), blocked.cytosol[0, -1].round(1).item()
    ([1.0, 0.59, 0.58, 0.58], 2.9)
    """
    terminal = Terminal.default() if terminal is None else terminal
    if not isinstance(terminal, Terminal):
        raise ParameterTypeError(f"`terminal` must be a Terminal, got {shown(terminal)}")
    check.flag("clamp_cytosol", clamp_cytosol)
    check.flag("fluxes", fluxes)
    tolerance = check.number("relative_tolerance", relative_tolerance, minimum=1e-12, maximum=0.01)
    times = _times(time_h, active)
    settings: dict[str, Any] = {
        "terminal": terminal,
        "firing_hz": firing_hz,
        "clamp_cytosol": clamp_cytosol,
        "relative_tolerance": tolerance,
        "threads": threads,
        "cancel": cancel,
    }
    load = active if isinstance(active, Load) else None
    drive = _aged(active, settings) if isinstance(active, Renewal) else active
    open_share = course("active", 1.0 if load is not None else drive, maximum=1.0)
    rate = course(
        "firing_hz",
        terminal.resting_hz if firing_hz is None else firing_hz,
        maximum=_MOST_HZ,
        per_unit=1.0 / terminal.resting_hz,
    )
    rows = _rows(terminal, open_share.rows() if load is None else load.rows(), rate.rows())
    work = Work.start(threads=threads, progress=progress, cancel=cancel, total=rows)
    _, states, names = _core.terminal_names(terminal.amine)
    kept = [states.index(name) for name in _KEPT]
    kept += [len(states) + i for i in range(len(names))] if fluxes else []
    claim("amine in terminals", (rows, len(kept), len(times)), fewer="terminals or times")
    table = terminal.table()
    start = _core.terminal_steady(work.quiet(), terminal.amine, table)
    # Parameters far outside biology can turn a published inhibition into negative amine.
    start[(start < -_ROUNDING).any(axis=1)] = np.nan
    if len(table) != rows:
        table, start = np.repeat(table, rows, axis=0), np.repeat(start, rows, axis=0)
    if isinstance(active, Renewal):
        start[np.broadcast_to(active.failed, rows)] = np.nan
    if clamp_cytosol:
        table[:, _core.terminal_names(terminal.amine)[0].index("cytosol_fraction")] = _CLAMP
    knots = [] if load is None else [Course.constant(load.knots_h)]
    open_share, rate, *_ = merged(open_share, rate, *knots)
    found = _core.terminal_simulate(
        work,
        kind=terminal.amine,
        parameters=table,
        knots_h=open_share.knots_h,
        active=open_share.start,
        active_slope=open_share.slope_per_h,
        firing=rate.start,
        firing_slope=rate.slope_per_h,
        start=start,
        time_h=times,
        outputs=kept,
        relative_tolerance=tolerance,
        load=None if load is None else load.on(open_share.knots_h),
    )
    unknown = np.broadcast_to(unknown_rows(active), rows)
    found[unknown] = np.nan
    result = TerminalResult(
        time_h=times,
        **{f"{name}_umol_l": found[:, i] for i, name in enumerate(_KEPT)},
        resting={name: start[:, states.index(name)].copy() for name in _KEPT},
        fluxes_umol_l_h=(
            {name: found[:, len(_KEPT) + i] for i, name in enumerate(names)} if fluxes else {}
        ),
        terminal=terminal,
        provenance=provenance(
            stage="terminal",
            terminal=terminal.name,
            clamp_cytosol=clamp_cytosol,
            relative_tolerance=tolerance,
            active=active if isinstance(active, float | int | Steps) else type(active).__name__,
            firing_hz=firing_hz,
        ),
    )
    if rows and len(times) and result.failed.all() and not unknown.all():
        raise SolverError(
            f"no terminal could be followed to {times[-1]:g} h: it has no steady state without "
            "negative amine, never settles, or its steps became too short; likely a parameter far "
            "outside biology"
        )
    return result


def _aged(renewal: Renewal, settings: dict[str, Any]) -> Profile:
    """Return the share at which equal vesicles hold what vesicles of all ages do.

    It depends a little on the cytosol, which depends on it: repeated until both agree.
    """
    share = renewal.mean_share()
    for _ in range(_MOST_ROUNDS):
        drive = Profile(time_h=renewal.time_h, values=np.clip(share, 0.0, 1.0))
        run = simulate(active=drive, time_h=renewal.time_h, progress=False, **settings)
        if run.failed.all():
            return drive
        before, share = share, renewal.equivalent_share(settings["terminal"], run.cytosol_umol_l)
        before = np.broadcast_to(before, share.shape)
        share[run.failed] = before[run.failed]
        if np.abs(share - before).max() < _SAME_SHARE:
            break
    return Profile(time_h=renewal.time_h, values=share)


def _times(time_h: Any, active: object) -> FloatArray:
    if time_h is None:
        if isinstance(active, OccupancyResult | Renewal):
            return active.time_h.copy()
        raise ParameterTypeError("`time_h` must be given where `active` has no times of its own")
    times = np.array(check.times("time_h", time_h))
    if isinstance(active, OccupancyResult | Renewal) and len(times) and len(active.time_h):
        last = float(active.time_h[-1])
        if times[-1] > last:
            raise ParameterError(
                f"`time_h` must end where `active` does, at {last:g} h, got {times[-1]:g}: what "
                "comes later is not known"
            )
    return times


def _rows(terminal: Terminal, *others: int) -> int:
    lengths = {length for length in (len(terminal), *others) if length != 1}
    if len(lengths) > 1:
        raise ParameterError(
            "`terminal`, `active` and `firing_hz` must be for one terminal or for as many, "
            f"got {len(terminal)}, {others[0]} and {others[1]}"
        )
    return lengths.pop() if lengths else 1
