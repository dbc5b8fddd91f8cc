"""What an interval of the outcome is: ends, median, draws, and what moves them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import check
from vmatcore.errors import unknown
from vmatcore.outcome.result import OutcomeResult
from vmatcore.result import Result, labelled
from vmatcore.uncertainty import quantiles, rank_correlations

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["DrawnEffects", "Effects", "OutcomeInterval"]

#: How many constants a print-out names at most, and how many times 1/sqrt(draws) a rank
#: correlation must be to be named: of a hundred constants without effect none is, as a rule.
_NAMED = 4
ABOVE_CHANCE = 3.5

#: A value this share of the interval's width from the draws' median does not stand for them.
_ASIDE = 0.25


@dataclass(frozen=True, kw_only=True, eq=False)
class Effects(Result):
    """One level of every effect, subject by subject.

    Attributes
    ----------
    occupancy, d2_fall, benefit, responders, probability, content, amine, prolactin, qtc_ms
        As in :class:`OutcomeResult`, (subject,).
    excess : dict of ndarray (subject,)
        The chance of each side effect beyond placebo's.
    """

    occupancy: FloatArray = labelled("subject", unit="fraction")
    d2_fall: FloatArray = labelled("subject", unit="fraction")
    benefit: FloatArray = labelled("subject", unit="points")
    responders: FloatArray = labelled("subject", unit="fraction")
    probability: dict[str, FloatArray] = labelled("subject", unit="fraction")
    excess: dict[str, FloatArray] = labelled("subject", unit="fraction")
    content: dict[str, FloatArray] = labelled("subject", unit="ratio")
    amine: dict[str, FloatArray] = labelled("subject", unit="ratio")
    prolactin: FloatArray = labelled("subject", unit="ratio")
    qtc_ms: FloatArray = labelled("subject", unit="ms")


@dataclass(frozen=True, kw_only=True, eq=False)
class DrawnEffects(Result):
    """Every effect in every draw; the same names as in :class:`Effects`, (subject, draw).

    Draws of two runs with one seed can be subtracted: they are paired.
    """

    occupancy: FloatArray = labelled("subject", "draw", unit="fraction")
    d2_fall: FloatArray = labelled("subject", "draw", unit="fraction")
    benefit: FloatArray = labelled("subject", "draw", unit="points")
    responders: FloatArray = labelled("subject", "draw", unit="fraction")
    probability: dict[str, FloatArray] = labelled("subject", "draw", unit="fraction")
    excess: dict[str, FloatArray] = labelled("subject", "draw", unit="fraction")
    content: dict[str, FloatArray] = labelled("subject", "draw", unit="ratio")
    amine: dict[str, FloatArray] = labelled("subject", "draw", unit="ratio")
    prolactin: FloatArray = labelled("subject", "draw", unit="ratio")
    qtc_ms: FloatArray = labelled("subject", "draw", unit="ms")

    def at(self, share: float) -> Effects:
        """Return, effect by effect, the smallest draw at or below which a share of them lies.

        NaN where no draw could be followed, or an effect is not known.
        """
        share = check.number("share", share, minimum=0, maximum=1)
        found: dict[str, Any] = {}
        for name in self.layout():
            value = getattr(self, name)
            found[name] = (
                {key: _at(drawn, share) for key, drawn in value.items()}
                if isinstance(value, dict)
                else _at(value, share)
            )
        return Effects(**found)


def _at(drawn: FloatArray, share: float) -> FloatArray:
    """Return the quantile of each row among the draws that could be followed."""
    found = np.full(len(drawn), math.nan)
    for row, values in enumerate(drawn):
        followed = values[~np.isnan(values)]
        if len(followed):
            found[row] = quantiles(followed[None, :], share)[0]
    return found


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class OutcomeInterval(Result):
    """The outcome with intervals that carry every constant that has a spread.

    They are intervals of what is not known of these people, not ranges of people.

    Attributes
    ----------
    value : OutcomeResult
        With every constant at its value.
    share : float
        Share of the draws between ``low`` and ``high``.
    low, median, high : Effects
        Effect by effect. The benefit is negative where signs become fewer, so ``low``
        is the larger benefit.
    draws : DrawnEffects
        Every draw.
    constants : dict of ndarray (draw,)
        What was drawn, by name.
    not_followed : ndarray (subject,)
        How many draws could not be followed and were left out.
    provenance : dict
        Versions, seed, settings and which constants were drawn.
    """

    value: OutcomeResult
    share: float
    low: Effects
    median: Effects
    high: Effects
    draws: DrawnEffects
    constants: dict[str, FloatArray] = labelled("draw", unit="its own")
    not_followed: FloatArray = labelled("subject", unit="draws")
    provenance: dict[str, Any]

    def movers(self, effect: str = "benefit", *, subject: int = 0) -> dict[str, float]:
        """Return how strongly each constant moves an effect, strongest first.

        Parameters
        ----------
        effect : str
            ``"benefit"``, ``"occupancy"``, ``"d2_fall"``, ``"prolactin"``, ``"qtc_ms"``, or a
            side effect, of which the chance beyond placebo's is meant.
        subject : int
            In whom.

        Returns
        -------
        dict of str to float
            Rank correlation over the draws, from -1 to 1. Its square is about the share of
            the ranks' variance that the constant explains. With n draws chance alone gives
            some 1/sqrt(n). Empty where fewer than three draws could be followed, all are
            alike, or the run has no subjects.

        Raises
        ------
        UnknownNameError
            For an effect that does not exist.
        ParameterError
            For a subject that does not exist.

        Examples
        --------
        >>> import vmatcore as vm
        >>> run = vm.simulate("tetrabenazine 25 mg q8h x 9")
        >>> found = vm.outcome.interval(run, draws=30, seed=1, of=["outcome"])
        >>> next(iter(found.movers("benefit")))
        'outcome half_effect: d2'
        """
        plain = ("benefit", "occupancy", "d2_fall", "prolactin", "qtc_ms")
        known = [*plain, *self.draws.excess]
        if check.text("effect", effect) not in known:
            raise unknown("effect", effect, known)
        people = len(self.not_followed)
        row = check.whole("subject", subject, minimum=0, maximum=max(people - 1, 0))
        if not people:
            return {}
        drawn = getattr(self.draws, effect) if effect in plain else self.draws.excess[effect]
        followed = ~np.isnan(drawn[row])
        unknowns = {name: values[followed] for name, values in self.constants.items()}
        return rank_correlations(unknowns, drawn[row][followed])

    def __repr__(self) -> str:
        value = self.value
        whose = "" if value.condition is None else f" in {value.condition}"
        unit = f"{value.scale} points" if value.condition else value.scale
        lines = [
            f"Outcome{whose}, {len(value.benefit)} subject(s), {100 * self.share:g} % intervals "
            f"of {self.provenance['draws']} draws of {len(self.constants)} constants",
            *self._lost(),
        ]
        followed = self.not_followed < self.provenance["draws"]
        if not followed.any():
            return "\n".join(lines)
        lines += [
            f"  occupancy: {self._three('%', 'occupancy', factor=100.0)}",
            f"  fall of D2 activation: {self._three('%', 'd2_fall', factor=100.0)}",
            f"  benefit: {self._three(unit, 'benefit')} beyond placebo",
        ]
        for name in value.probability:
            lines.append(
                f"  {name}: {self._three('%', 'probability', name, 100.0)}"
                f"{' (hypothesis)' if name in value.hypotheses else ''}"
            )
        for part in ("content", "amine"):
            for site in getattr(value, part):
                lines.append(f"  {part}, {site}: {self._three('% of rest', part, site, 100.0)}")
        lines.append(f"  prolactin: {self._three('times', 'prolactin')} (hypothesis)")
        lines.append(f"  QTc: {self._three('ms', 'qtc_ms')}")
        least = ABOVE_CHANCE / math.sqrt(self.provenance["draws"])
        movers = self.movers(subject=int(np.argmax(followed)))
        strongest = [(name, rank) for name, rank in movers.items() if abs(rank) >= least]
        if strongest:
            lines.append("  benefit moves with (rank correlation):")
            lines += [f"    {rank:+.2f} {name}" for name, rank in strongest[:_NAMED]]
        return "\n".join(lines)

    def _lost(self) -> list[str]:
        """Say who could not be followed at all, and what the others lost."""
        count, people = self.provenance["draws"], len(self.not_followed)
        others = self.not_followed[self.not_followed < count]
        nobody, lines = people - len(others), []
        if nobody:
            rest = "; the medians are those of the others" if len(others) else ""
            lines.append(f"  {nobody} could not be followed{rest}")
        lost = others[others > 0]
        if len(lost):
            lines.append(
                f"  {len(lost)} lost up to {int(lost.max())} of {count} draws, "
                "which could not be followed and are left out"
            )
        return lines

    def _three(self, unit: str, name: str, key: str | None = None, factor: float = 1.0) -> str:
        """Return the value and its ends, medians over subjects, and the draws' median if aside."""
        each = (getattr(one, name) for one in (self.value, self.low, self.high, self.median))
        levels = np.array([one if key is None else one[key] for one in each])
        known = levels[:, ~np.isnan(levels).any(axis=0)]
        if not known.size:
            return "not known"
        value, low, high, median = (factor * np.median(known, axis=1)).tolist()
        aside = f", median {median:.3g}" if abs(value - median) > _ASIDE * (high - low) else ""
        return f"{value:.3g} ({low:.3g} to {high:.3g}{aside}) {unit}"
