"""The loop: what each epoch makes of the levels of its days and of the state before it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from vmatcore.epochs.adaptation import Adaptation
from vmatcore.epochs.tone import tone_of
from vmatcore.errors import CancelledError, ParameterError
from vmatcore.outcome import sources as outcome_sources
from vmatcore.plasticity import Drive, Learning, PlasticityResult
from vmatcore.plasticity import simulate as learn
from vmatcore.plasticity.mean_field import epoch_mean
from vmatcore.plasticity.presets import MEMORY_GAIN
from vmatcore.work import Work

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["Levels", "Rules", "follow"]

#: How often a program can run, in 1/s; the limits of :class:`Learning`.
_ACTIVITY = (1e-3, 1e6)


class Levels(NamedTuple):
    """How long each epoch is in d, its means, (subject, epoch), and how many come before day 0."""

    days: list[float]
    burst: FloatArray
    dip: FloatArray
    d2: FloatArray
    ill_epochs: int


class Rules(NamedTuple):
    """What :func:`vmatcore.epochs.simulate` was told, checked."""

    learning: Learning
    adaptation: Adaptation
    activity_feedback: float
    burst_chance: float
    synapses: int | None


def follow(
    levels: Levels, rules: Rules, *, seed: int | None, work: Work
) -> tuple[dict[str, FloatArray], tuple[PlasticityResult, ...]]:
    """Go through the epochs; return what they leave by name, and the last synapses.

    Examples
    --------
    >>> rest = np.ones((1, 100))
    >>> levels = Levels([1.0] * 100, rest, rest, rest, ill_epochs=100)
    >>> rules = Rules(Learning(), Adaptation(), 0.0, 0.8, None)
    >>> fields, _ = follow(levels, rules, seed=None, work=Work.start(progress=False))
    >>> bool(fields["go"][0, -1] > 1.0 > fields["no_go"][0, -1]), fields["tone"][0, -1]
    (True, np.float64(1.0))
    """
    learning = rules.learning
    rows, epochs = levels.d2.shape
    go, no_go, number = (np.ones((rows, epochs + 1)) for _ in range(3))
    tone, activity = np.empty((rows, epochs)), np.empty((rows, epochs))
    half_effect = outcome_sources("half_effect")["d2"].value
    full = 1.0 + MEMORY_GAIN.value * _engram_of_illness(levels, rules)
    sign = np.full(rows, 1.0 / full)
    fleets: list[PlasticityResult | None] = [None] * rows
    counts = learning.trials_of(levels.days)
    for epoch, days in enumerate(levels.days):
        if work.cancel is not None and work.cancel.cancelled:
            raise CancelledError("cancelled by the caller")
        burst, dip, d2 = (array[:, epoch] for array in (levels.burst, levels.dip, levels.d2))
        tone[:, epoch] = tone_of(number[:, epoch] * d2, half_effect)
        share = rules.activity_feedback
        runs = learning.activity_per_s * (1.0 - share + share * sign)
        runs = np.where(np.isinf(runs), runs, np.clip(runs, *_ACTIVITY))
        activity[:, epoch] = runs
        if rules.synapses is None:
            go[:, epoch + 1], no_go[:, epoch + 1] = epoch_mean(
                go[:, epoch],
                no_go[:, epoch],
                learning=learning,
                days=days,
                trials=counts[epoch],
                burst_chance=rules.burst_chance,
                burst=burst,
                dip=dip,
                trace=1.0 / (1.0 + 1.0 / (runs * learning.trace_s)),
            )
            _check_below_most(learning, go[:, epoch + 1])
        else:
            for row in range(rows):
                levels_now = (days, float(burst[row]), float(dip[row]), float(runs[row]))
                fleets[row] = found = _fleet(fleets[row], levels_now, rules, seed, work)
                go[row, epoch + 1] = np.nan if found is None else _mean(found.go)
                no_go[row, epoch + 1] = np.nan if found is None else _mean(found.no_go)
        number[:, epoch + 1] = rules.adaptation.after(number[:, epoch], d2, days=days)
        present = np.maximum(go[:, epoch + 1] - no_go[:, epoch + 1], 0.0)
        sign = tone[:, epoch] * (1.0 + MEMORY_GAIN.value * present) / full
        if work.progress is not None:
            work.progress(epoch + 1)
    fields = {
        "go": go,
        "no_go": no_go,
        "receptor_number": number,
        "activity_per_s": activity,
        "tone": tone,
    }
    return fields, tuple(fleet for fleet in fleets if fleet is not None)


def _engram_of_illness(levels: Levels, rules: Rules) -> float:
    """Return the engram after the ill days if the program runs as often as the rule says."""
    rest = np.ones(1)
    go = no_go = rest
    ill = levels.days[: levels.ill_epochs]
    for days, trials in zip(ill, rules.learning.trials_of(ill), strict=True):
        go, no_go = epoch_mean(
            go,
            no_go,
            learning=rules.learning,
            days=days,
            trials=trials,
            burst_chance=rules.burst_chance,
            burst=rest,
            dip=rest,
            trace=rules.learning.mean_trace(),
        )
    if rules.synapses is None:
        _check_below_most(rules.learning, go)
    most = rules.learning.most_weight
    return max(min(float(go[0]), most) - min(float(no_go[0]), most), 0.0)


def _check_below_most(learning: Learning, go: FloatArray) -> None:
    """Refuse a mean of G that passes the largest weight: it knows of none.

    An N as large only says that there is no engram.
    """
    largest = float(np.nanmax(go, initial=0.0))
    if largest > learning.most_weight:
        raise ParameterError(
            f"`learning.most_weight` must be at least the mean of G, {largest:.3g}, "
            f"got {learning.most_weight:g}: give `synapses` to follow weights that meet it"
        )


def _fleet(
    before: PlasticityResult | None,
    levels: tuple[float, float, float, float],
    rules: Rules,
    seed: int | None,
    work: Work,
) -> PlasticityResult | None:
    """Return a subject's synapses after one epoch; None from where its levels are not known."""
    days, burst, dip, activity_per_s = levels
    if math.isnan(burst) or math.isnan(dip):
        return None
    begin: dict[str, Any] = {"start": before}
    if before is None:
        # The same streams for every subject: nobody's result hangs on a place in the list.
        begin = {"synapses": rules.synapses or 0, "seed": seed}
    found = learn(
        Drive(days=[days], burst=burst, dip=dip, burst_chance=rules.burst_chance),
        learning=replace(rules.learning, activity_per_s=activity_per_s),
        **begin,
        threads=work.threads,
        progress=False,
        cancel=work.cancel,
    )
    # The record of an epoch must not hold those of all before it.
    return replace(found, provenance=found.provenance | {"before": ()})


def _mean(weights: FloatArray) -> float:
    return float(np.ascontiguousarray(weights[:, -1]).mean())
