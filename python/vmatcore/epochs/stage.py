"""The verb of the epochs: one loop, in which the last epoch feeds the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np

from vmatcore import check
from vmatcore.epochs.adaptation import Adaptation
from vmatcore.epochs.days import SUBJECTS_AT_ONCE, lengths
from vmatcore.epochs.loop import Levels, Rules, follow
from vmatcore.epochs.presets import SOURCES
from vmatcore.epochs.reads import means_of
from vmatcore.epochs.result import EpochsResult
from vmatcore.errors import ParameterError, ParameterTypeError, shown
from vmatcore.occupancy import OccupancyResult
from vmatcore.outcome import sources as outcome_sources
from vmatcore.plasticity import Learning
from vmatcore.plasticity.presets import BURST_CHANCE, MEMORY_GAIN
from vmatcore.result import provenance
from vmatcore.seeds import chosen
from vmatcore.terminal.drives import DRIVEN_EVERY_H
from vmatcore.work import CancelToken, Work, claim

__all__ = ["simulate"]

_MOST_EPOCHS = 1_000_000


def simulate(
    run: Any,
    *,
    ill_days: float = 200.0,
    every_days: float = 1.0,
    learning: Learning | None = None,
    adaptation: Adaptation | None = None,
    activity_feedback: float = SOURCES["activity_feedback"].value,
    burst_chance: float = BURST_CHANCE.value,
    synapses: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    progress: bool | Callable[[int], Any] | None = None,
    cancel: CancelToken | None = None,
) -> EpochsResult:
    """Return learning and adaptation over ill days and the days of a run. A hypothesis.

    Parameters
    ----------
    run : Run
        What :func:`vmatcore.simulate` gave, read from 0 h on. Days are followed by the half
        hour, however far apart its reads are; only reads nearer than that add to it.
    ill_days : float
        Days at rest, with aberrant bursts, before the run begins, in d.
    every_days : float
        Length of an epoch in d; the last ones before and of the run may be shorter.
    learning : Learning, optional
        The rule by which bursts change weights.
    adaptation : Adaptation, optional
        How D2 receptors grow in number; ``Adaptation(gain=0)`` turns it off.
    activity_feedback : float
        Share of the program's runs that follows its sign, in [0, 1]; 0 turns it off.
    burst_chance : float
        Chance of a burst in a trial.
    synapses : int, optional
        Follow so many synapses of each subject, with chance; without it their mean. The
        streams are the same for all subjects: each is as if alone, and people differ by
        their levels, not by chance.
    seed : int, optional
        Of the synapses' random streams; drawn and recorded if not given.
    threads, progress, cancel
        See :class:`vmatcore.work.Work`; progress counts epochs.

    Returns
    -------
    EpochsResult

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule, reads do not rise from 0 h on, or a mean weight
        G would pass ``learning.most_weight``.
    MemoryLimitError, CancelledError
        As :class:`vmatcore.work.Work` says.

    Notes
    -----
    In each epoch, from the state that the one before left:

    - tone t = 1 - d/(d50 + d), d = 1 - n a, with a the mean D2 activation, n the number
      of receptors and d50 the calibrated half effect of :mod:`vmatcore.outcome`; above
      rest 1 + |d|/(d50 + |d|).
    - weights by :func:`vmatcore.plasticity.expected`, or synapse by synapse, with the
      epoch's mean burst and dip. The program runs b (1 - f + f m) times per s, b the
      rule's ``activity_per_s``, f ``activity_feedback`` and m its own, memory-driven
      sign in the epoch before, over that which the ill days bring without feedback.
    - receptors by :class:`Adaptation`.

    Examples
    --------
    >>> import vmatcore as vm
    >>> run = vm.simulate("valbenazine 80 mg q24h x 56", until_h=84 * 24, every_h=2)
    >>> found = simulate(run)
    >>> acquired, left, back = found.engram[0, [200, 256, 284]]
    >>> bool(acquired > back > left > 0)
    True
    """
    occupancy = getattr(run, "occupancy", None)
    if not isinstance(occupancy, OccupancyResult):
        raise ParameterTypeError(f"`run` must be a Run, got {shown(run)}")
    rule = Learning() if learning is None else learning
    slow = Adaptation() if adaptation is None else adaptation
    for name, value, kind in (("learning", rule, Learning), ("adaptation", slow, Adaptation)):
        if not isinstance(value, kind):
            raise ParameterTypeError(f"`{name}` must be a {kind.__name__}, got {shown(value)}")
    if synapses is None and rule.critic_rate != 0.0:
        raise ParameterError(
            f"`learning.critic_rate` must be 0 without `synapses`, got {rule.critic_rate!r}"
        )
    feedback = check.number("activity_feedback", activity_feedback, minimum=0, maximum=1)
    chance = check.number("burst_chance", burst_chance, minimum=0, maximum=1)
    count = None if synapses is None else check.whole("synapses", synapses, minimum=1)
    if count is None and seed is not None:
        raise ParameterError(f"`seed` must be left out without `synapses`, got {shown(seed)}")
    ill = check.number("ill_days", ill_days, minimum=0, maximum=1e6)
    every = check.number("every_days", every_days, minimum=1e-3, maximum=1e6)
    levels, signal = _levels(run, ill, every, threads, cancel)
    rules = Rules(rule, slow, feedback, chance, count)
    own_seed = None if count is None else chosen(seed)
    work = Work.start(threads=threads, progress=progress, cancel=cancel, total=len(levels.days))
    fields, last = follow(levels, rules, seed=own_seed, work=work)
    edges = np.concatenate([[0.0], np.cumsum(levels.days)])
    return EpochsResult(
        day=edges - ill,
        burst=levels.burst,
        dip=levels.dip,
        d2=levels.d2,
        **fields,
        ill_epochs=levels.ill_epochs,
        subjects=tuple(run.subjects),
        synapses=last,
        provenance=provenance(
            stage="epochs",
            ill_days=ill,
            every_days=every,
            learning=asdict(rule),
            adaptation=asdict(slow),
            activity_feedback=feedback,
            burst_chance=chance,
            half_effect=outcome_sources("half_effect")["d2"],
            memory_gain=MEMORY_GAIN,
            synapses=count,
            seed=own_seed,
            signal=signal,
        ),
    )


def _levels(
    run: Any,
    ill_days: float,
    every_days: float,
    threads: int | None,
    cancel: CancelToken | None,
) -> tuple[Levels, dict[str, Any]]:
    """Return the levels of ill days and of the run, and where they are from."""
    times = run.occupancy.time_h
    if not len(times) or times[0] != 0.0 or (np.diff(times) <= 0.0).any():
        raise ParameterError(
            f"`run` must be read from 0 h on, at times that rise, got {shown(times[:5].tolist())}"
        )
    followed = float(times[-1]) / 24.0
    for name, days in (("ill_days", ill_days), ("length of the run in d", followed)):
        if days / every_days > _MOST_EPOCHS:
            raise ParameterError(f"`{name}` must be at most 1e6 epochs, got {shown(days)} d")
    ill, treated = lengths(ill_days, every_days), lengths(followed, every_days)
    rows = len(run.subjects)
    reads = len(times) + int(times[-1] / DRIVEN_EVERY_H)
    claim(
        "levels and weights over epochs",
        (rows, len(ill) + len(treated), 12),
        working=8 * SUBJECTS_AT_ONCE * 6 * (reads + len(treated)),
        fewer="subjects or epochs",
    )
    edges = np.append(np.arange(len(treated)) * (24.0 * every_days), times[-1])
    found = means_of(run.occupancy, lambda: run.signal, edges, threads=threads, cancel=cancel)
    rest = np.ones((rows, len(ill)))
    burst, dip, d2 = (np.hstack([rest, values]) for values in found[:3])
    return Levels(ill + treated, burst, dip, d2, len(ill)), found.provenance
