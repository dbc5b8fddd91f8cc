"""The verb of plasticity: weights of many synapses over epochs of days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import _core, check
from vmatcore.errors import ParameterError, ParameterTypeError, shown
from vmatcore.plasticity.drive import Drive
from vmatcore.plasticity.learning import Learning
from vmatcore.plasticity.result import PlasticityResult
from vmatcore.result import provenance
from vmatcore.seeds import chosen
from vmatcore.work import CancelToken, Work, claim

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["simulate"]

Progress = bool | Callable[[int], Any] | None

_MOST_SYNAPSES = 10**12
#: A stream holds so many draws, one for each trial.
_MOST_TRIALS = 2**48


def simulate(
    drive: Drive,
    *,
    learning: Learning | None = None,
    synapses: int | None = None,
    seed: int | None = None,
    first: int | None = None,
    start: PlasticityResult | None = None,
    threads: int | None = None,
    progress: Progress = None,
    cancel: CancelToken | None = None,
) -> PlasticityResult:
    """Return the weights of many synapses of one motor program. A hypothesis.

    Parameters
    ----------
    drive : Drive
        Bursts, dips and tone of each epoch.
    learning : Learning, optional
        The rule and its constants.
    synapses : int, optional
        How many, 1,000 by default.
    seed : int, optional
        Of the random streams, from 0 to 2^64 - 1; drawn and recorded if not given.
    first : int, optional
        Number of the first synapse, 0 by default. Synapse i draws from a stream of its
        own, so its weights depend on the seed and its number alone.
    start : PlasticityResult, optional
        Go on from its end: the next epoch of a loop. Synapses, seed and numbers are
        then its own. Two such calls give the bits of one call over both drives.
    threads, progress, cancel
        See :class:`vmatcore.work.Work`.

    Returns
    -------
    PlasticityResult

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.
    MemoryLimitError
        If the result would not fit.

    Examples
    --------
    Acquisition, extinction on a drug, and relapse after it:

    >>> ill = Drive.steady(days=200)
    >>> treated = Drive.steady(days=56, burst=0.2, dip=0.3, tone=0.4)
    >>> run = simulate(ill.then(treated).then(Drive.steady(days=28)), synapses=200, seed=1)
    >>> acquired, left, back = run.engram[[200, 256, 284]]
    >>> bool(acquired > back > left > 0)
    True
    """
    rule = Learning() if learning is None else learning
    for name, value, kind in (("drive", drive, Drive), ("learning", rule, Learning)):
        if not isinstance(value, kind):
            raise ParameterTypeError(f"`{name}` must be a {kind.__name__}, got {shown(value)}")
    count, own_seed, number, past, begin = _begin(start, rule, synapses, seed, first)
    since = 0.0 if start is None else float(start.day[-1])
    trials = rule.trials_of(drive.days, since=since)
    total = past + sum(trials)
    check.whole("number of trials", total, minimum=0, maximum=_MOST_TRIALS)
    # Besides the result: the states at the start, and the core's copy of them.
    claim("weights", (count, 3, len(drive) + 1), working=48 * count, fewer="synapses or epochs")
    states = _core.plasticity_simulate(
        Work.start(threads=threads, progress=progress, cancel=cancel, total=count),
        learning_rate=rule.learning_rate,
        critic_rate=rule.critic_rate,
        lag_per_trace=rule.lag_per_trace(),
        decay_per_day=rule.decay_per_day,
        save_threshold=rule.save_threshold,
        save_steepness=rule.save_steepness,
        most_weight=rule.most_weight,
        trials=np.array(trials, np.uint64),
        begin=np.tile([1.0, 1.0, rule.expected], (count, 1)) if begin is None else begin,
        seed=own_seed,
        first=number,
        past=past,
        **{name: np.array(drive.column(name)) for name in ("days", "burst_chance", "burst", "dip")},
    )
    states.flags.writeable = False
    made = provenance(
        stage="plasticity",
        drive=asdict(drive),
        learning=asdict(rule),
        synapses=count,
        seed=own_seed,
        first=number,
        # Flat: a loop of thousands of epochs must not nest thousands deep.
        before=() if start is None else (*start.provenance["before"], _own(start.provenance)),
    )
    day = np.concatenate([[since], drive.days]).cumsum()
    return PlasticityResult(
        day=day,
        go=states[:, 0],
        no_go=states[:, 1],
        expected=states[:, 2],
        tone=np.array(drive.column("tone")),
        seed=own_seed,
        first=number,
        trials=total,
        provenance=made,
    )


def _own(made: dict[str, Any]) -> dict[str, Any]:
    """Return what one call was told, without the calls before it."""
    return {name: made[name] for name in ("drive", "learning")}


def _begin(
    start: PlasticityResult | None,
    rule: Learning,
    synapses: int | None,
    seed: int | None,
    first: int | None,
) -> tuple[int, int, int, int, FloatArray | None]:
    """Return synapses, seed, first number, trials before, and states, checked."""
    if start is None:
        count = 1000 if synapses is None else synapses
        check.whole("synapses", count, minimum=0, maximum=_MOST_SYNAPSES)
        number = 0 if first is None else first
        check.whole("first", number, minimum=0, maximum=2**64 - 1 - int(count))
        return int(count), chosen(seed), int(number), 0, None
    if not isinstance(start, PlasticityResult):
        raise ParameterTypeError(f"`start` must be a PlasticityResult, got {shown(start)}")
    for name, value in (("synapses", synapses), ("seed", seed), ("first", first)):
        if value is not None:
            raise ParameterError(f"`{name}` must be that of `start`, got {shown(value)}")
    begin = np.stack([start.go[:, -1], start.no_go[:, -1], start.expected[:, -1]], axis=1)
    most = float(begin[:, :2].max(initial=0.0))
    if most > rule.most_weight:
        raise ParameterError(
            f"`most_weight` must be at least the largest weight at the start, {most:g}, "
            f"got {rule.most_weight:g}"
        )
    return len(begin), start.seed, start.first, start.trials, begin
