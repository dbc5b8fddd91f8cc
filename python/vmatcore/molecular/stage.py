"""The verb of the molecular level: chosen hours of a run, vesicle by vesicle."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from vmatcore import check, seeds, spikes
from vmatcore.errors import CancelledError, ParameterError, ParameterTypeError, shown, unknown
from vmatcore.molecular.drives import Drives, drives_at, resting
from vmatcore.molecular.result import MolecularResult, gather
from vmatcore.molecular.snapshot import READ_EVERY_S, Setup, take
from vmatcore.occupancy import OccupancyResult
from vmatcore.release import Synapse
from vmatcore.result import provenance
from vmatcore.signal import Region
from vmatcore.spikes import SpikeTrain, SpikeTrains
from vmatcore.terminal.drives import refuse_steady_states
from vmatcore.work import CancelToken, Work, claim

__all__ = ["hours_of", "simulate"]

_MOST_SYNAPSES = 2**32
_MOST_VESICLES = 2**40

#: The window and its shortest, h. A content forgets where it began with the leak's time
#: constant of 649 s: after 1 h 0.4 % of it is left, after 4 h 2e-10.
_WINDOW_H = 4.0
_LEAST_WINDOW_H = 1.0

#: Copies forget within a residence time; after ten 5e-5 is left.
_RESIDENCES = 10.0

#: The train that ends at the hour, s.
_TRAIN_S = 60.0

#: Spikes of one synapse in it, about.
_TRAIN_SPIKES = 245

#: Steps of the signal, s.
_STEP_S = 0.01

#: Readouts leave this share of the train out: receptors settle within it.
_SETTLING = 0.25

_FEWER = "synapses, vesicles, subjects or hours"


def simulate(
    run: Any,
    *,
    at_h: Sequence[float],
    synapses: int = 1000,
    vesicles: int = 1000,
    seed: int | None = None,
    train: SpikeTrain | None = None,
    binding: str = "fast",
    residence_s: float | None = None,
    window_h: float = _WINDOW_H,
    threads: int | None = None,
    progress: bool | Callable[[int], Any] | None = None,
    cancel: CancelToken | None = None,
) -> MolecularResult:
    """Return single vesicles and synapses of the striatum at some hours of a run.

    The mean-field chain drives them: the share of VMAT2 that works and the dopamine of
    the cytosol, read every 60 s over a window before each hour, at rest before 0 h.
    Vesicles fill by the same law that the terminal has; a train of spikes that ends
    at the hour releases them; their dopamine is followed in the dorsal striatum, where
    drug may hold D2. Beside each stands the mean field of the same drives and spikes.

    All subjects, all hours and the arm without drug have the same trains and the same
    fusions, so they are paired.

    Parameters
    ----------
    run : Run or OccupancyResult
        What :func:`vmatcore.simulate` or :func:`vmatcore.occupancy.simulate` gave.
    at_h : sequence of float
        Hours, in order; not after the last read of the run.
    synapses, vesicles : int
        How many varicosities release, and how many vesicles only fill.
    seed : int, optional
        From 0 to 2^64 - 1; by default one is drawn and recorded.
    train : SpikeTrain or SpikeTrains, optional
        Spikes on a clock of their own; the end of the train is the hour. By default 60 s of
        tonic firing with bursts and pauses, a train of its own for each synapse.
    binding : {"fast", "telegraph"}
        How drug sits on the copies of one vesicle. With ``"telegraph"`` the mean field of
        release and signal is still that of fast binding, which is all that the
        mean-field chain knows.
    residence_s : float, optional
        Mean time in s that one drug molecule stays on one copy, for ``"telegraph"``; at
        most a tenth of the window.
    window_h : float
        How far back drives are followed, in h, at least 1.
    threads, progress, cancel
        See :class:`vmatcore.work.Work`.

    Returns
    -------
    MolecularResult

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.
    MemoryLimitError
        If the results would not fit.
    SolverError
        If no terminal could be followed.

    Notes
    -----
    Under fast binding the averages of filling equal the mean field exactly, and those
    of release given the spikes as the pool grows. The mean signal of finitely many synapses
    lies off the mean field, because uptake saturates and the autoreceptor answers to each
    release; the gap falls as 1/synapses. Largest and smallest values, such as the burst peak,
    gather noise that falls as 1/sqrt(synapses) only.

    Examples
    --------
    >>> import vmatcore as vm
    >>> run = vm.simulate("valbenazine 80 mg q24h x 14")
    >>> found = simulate(run, at_h=[300], synapses=200, vesicles=200, seed=1)
    >>> found.content_molecules.round(-2).tolist()
    [[[800.0, 800.0]]]
    """
    occupancy = run if isinstance(run, OccupancyResult) else getattr(run, "occupancy", None)
    if not isinstance(occupancy, OccupancyResult):
        raise ParameterTypeError(f"`run` must be a Run or an OccupancyResult, got {shown(run)}")
    hours = hours_of("at_h", at_h, occupancy)
    count = check.whole("synapses", synapses, minimum=1, maximum=_MOST_SYNAPSES)
    number = check.whole("vesicles", vesicles, minimum=1, maximum=_MOST_VESICLES)
    window = check.number("window_h", window_h, minimum=_LEAST_WINDOW_H, maximum=1000.0)
    window_s = 3600.0 * window
    _check_binding(binding, residence_s, window_s)
    refuse_steady_states("run", occupancy)
    chosen = seeds.chosen(getattr(run, "seed", None) if seed is None else seed)
    subjects = len(occupancy.pk.subjects)
    moments = subjects * len(hours) + 1
    work = Work.start(threads=threads, progress=progress, cancel=cancel, total=moments)
    calls: dict[str, Any] = {"threads": work.threads, "progress": False, "cancel": cancel}
    _check_train(train, count, window_s)
    _claim(train, moments, count, number, window_s)
    fired = train
    if fired is None:
        fired = spikes.tonic_burst(duration_s=_TRAIN_S, synapses=count, seed=chosen, **calls)
    setup = Setup(
        synapse=Synapse.dopamine(),
        region=Region.dorsal_striatum(),
        train=fired,
        synapses=count,
        vesicles=number,
        binding=binding,
        residence_s=residence_s,
        seed=chosen,
        calls=calls,
    )
    columns = [
        drives_at(occupancy, hour, window_s, threads=work.threads, cancel=cancel) for hour in hours
    ]
    drives = list(zip(*columns, strict=True))
    done = 0

    def one(driven: Drives) -> Any:
        nonlocal done
        if cancel is not None and cancel.cancelled:
            raise CancelledError("cancelled by the caller")
        taken = take(driven, setup)
        done += 1
        if work.progress is not None:
            work.progress(done)
        return taken

    baseline = one(resting(window_s))
    status = tuple(next((found for found in row if isinstance(found, str)), "ok") for row in drives)
    snapshots = tuple(
        tuple(None if isinstance(driven, str) else one(driven) for driven in row) for row in drives
    )
    arrays: dict[str, Any] = gather(snapshots, len(hours), baseline, _SETTLING * fired.duration_s)
    return MolecularResult(
        at_h=np.array(hours),
        **arrays,
        snapshots=snapshots,
        baseline=baseline,
        status=status,
        provenance=provenance(
            stage="molecular",
            seed=chosen,
            at_h=hours,
            synapses=count,
            vesicles=number,
            binding=binding,
            residence_s=residence_s,
            window_h=window,
            synapse=asdict(setup.synapse),
            train=fired.provenance,
        ),
    )


def hours_of(name: str, at_h: Any, occupancy: OccupancyResult) -> tuple[float, ...]:
    """Return the hours that an argument names; refuse those outside the run."""
    last = float(occupancy.time_h[-1]) if len(occupancy.time_h) else 0.0
    items = check.listed(name, at_h)
    hours = tuple(
        check.number(f"{name}[{i}]", item, minimum=0.0, maximum=last)
        for i, item in enumerate(items)
    )
    if not hours:
        raise ParameterError(f"`{name}` must name at least one hour, got none")
    for i in range(1, len(hours)):
        if hours[i] <= hours[i - 1]:
            raise ParameterError(f"`{name}[{i}]` must rise, got {hours[i]!r}")
    return hours


def _check_binding(binding: Any, residence_s: Any, window_s: float) -> None:
    if isinstance(binding, str) and binding == "irreversible":
        raise ParameterError(
            '`binding` must be "fast" or "telegraph", got "irreversible": a vesicle whose copies '
            "are lost for good lives for days, longer than any window; see terminal.Renewal"
        )
    if binding not in ("fast", "telegraph"):
        raise unknown("binding", binding, ("fast", "telegraph"))
    if residence_s is None:
        return
    if binding != "telegraph":
        raise ParameterError(
            f'`residence_s` must go with binding="telegraph", got {shown(residence_s)}'
        )
    check.number("residence_s", residence_s, minimum=1e-6, maximum=window_s / _RESIDENCES)


def _check_train(train: Any, synapses: int, window_s: float) -> None:
    if train is None:
        return
    if not isinstance(train, SpikeTrain):
        raise ParameterTypeError(
            f"`train` must be a SpikeTrain, such as spikes.tonic_burst(...), got {shown(train)}"
        )
    if not 0.0 < train.duration_s <= window_s:
        raise ParameterError(
            f"`train` must last longer than 0 s and at most the window of {window_s:g} s, "
            f"got {train.duration_s:g} s"
        )
    if isinstance(train, SpikeTrains) and train.synapses != synapses:
        raise ParameterError(
            f"`synapses` must be the number of trains, {train.synapses}, got {synapses}"
        )


def _claim(
    train: SpikeTrain | None, moments: int, synapses: int, vesicles: int, window_s: float
) -> None:
    """Refuse what would not fit, before anything is made: all snapshots are kept."""
    if train is None:
        fired, duration_s = synapses * _TRAIN_SPIKES, _TRAIN_S
    else:
        own = isinstance(train, SpikeTrains)
        fired, duration_s = len(train.time_s) * (1 if own else synapses), train.duration_s
    steps = math.ceil(duration_s / _STEP_S)
    # Bytes: quanta, molecules, their means and the few fused vesicles at each spike;
    # contents; time, amine, receptors and release of two signals.
    each = 29 * fired + 4 * vesicles * (int(window_s // READ_EVERY_S) + 1) + 80 * steps
    # The train, also on the clock of the drives, and what the mean field follows.
    working = 128 * fired
    numbers = (moments, each // 8)
    claim("the molecular level", numbers, working=working, fewer=_FEWER)
