"""What the outcome is: benefit, responders and side effects, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore.errors import unknown
from vmatcore.result import Result, labelled, median_of_known

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["OutcomeResult"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class OutcomeResult(Result):
    """Benefit and side effects of one run, at one time.

    Intervals are 95 % of one fitted number alone; those of parkinsonism and of raised
    prolactin are ranges of an assumed number. They are not ranges of people;
    :func:`vmatcore.outcome.interval` carries every constant behind them.

    Attributes
    ----------
    condition : str or None
        Whose signs.
    scale : str
        What counts them: AIMS or TMC; ``"% of the score"`` without a condition.
    driver, hazard : str
        What drives the benefit, and how instantaneous falls count.
    baseline_score : float
        Score before treatment, in points.
    interval_h : tuple of (float, float)
        The day that is looked at.
    occupancy : ndarray (subject,)
        Mean share of VMAT2 held over the day.
    content, amine : dict of ndarray (subject,)
        Mean content of the vesicles and mean extracellular amine at three sites, over
        those without drug.
    d2_fall : ndarray (subject,)
        d: how far the mean D2 activation by dopamine lies below that without drug.
    benefit, benefit_low, benefit_high : ndarray (subject,)
        Change of the score beyond placebo's, in points; negative is better. ``low``
        is the larger benefit.
    responders : ndarray (subject,)
        Share of people in whom the score falls by half or more, placebo's change
        included; NaN without a condition, whose trial has the spread. That spread and
        placebo's change are scaled with a ``baseline_score`` of your own.
    responders_placebo : float
        The same share under placebo.
    probability, probability_low, probability_high : dict of ndarray (subject,)
        Chance of each side effect over a trial of some weeks.
    placebo : dict of float
        The chance of each without drug.
    prolactin : ndarray (subject,)
        Prolactin over that without drug, mean of the day.
    qtc_ms : ndarray (subject,)
        Longest QTc prolongation of the day in ms; NaN where a moiety has no known slope.
    serotonin_7 : ndarray (subject,)
        Mean share of 5-HT7 receptors held; no effect is claimed.
    hypotheses : tuple of str
        Which parts rest on no dose-response at all.
    provenance : dict
        Versions, settings and every number with its source.
    """

    condition: str | None
    scale: str
    driver: str
    hazard: str
    baseline_score: float
    interval_h: tuple[float, float]
    occupancy: FloatArray = labelled("subject", unit="fraction")
    content: dict[str, FloatArray] = labelled("subject", unit="ratio")
    amine: dict[str, FloatArray] = labelled("subject", unit="ratio")
    d2_fall: FloatArray = labelled("subject", unit="fraction")
    benefit: FloatArray = labelled("subject", unit="points")
    benefit_low: FloatArray = labelled("subject", unit="points")
    benefit_high: FloatArray = labelled("subject", unit="points")
    responders: FloatArray = labelled("subject", unit="fraction")
    responders_placebo: float
    probability: dict[str, FloatArray] = labelled("subject", unit="fraction")
    probability_low: dict[str, FloatArray] = labelled("subject", unit="fraction")
    probability_high: dict[str, FloatArray] = labelled("subject", unit="fraction")
    placebo: dict[str, float]
    prolactin: FloatArray = labelled("subject", unit="ratio")
    qtc_ms: FloatArray = labelled("subject", unit="ms")
    serotonin_7: FloatArray = labelled("subject", unit="fraction")
    hypotheses: tuple[str, ...]
    provenance: dict[str, Any]

    def excess(self, side_effect: str) -> FloatArray:
        """Return how far the chance of a side effect lies above placebo's, (subject,).

        Raises
        ------
        UnknownNameError
            For a side effect that does not exist.

        Examples
        --------
        >>> import vmatcore as vm
        >>> run = vm.simulate("valbenazine 80 mg q24h x 14")
        >>> bool(run.outcome.excess("somnolence")[0] > 0)
        True
        """
        if side_effect not in self.probability:
            raise unknown("side effect", side_effect, self.probability)
        above: FloatArray = self.probability[side_effect] - self.placebo[side_effect]
        return above

    def __repr__(self) -> str:
        benefit, low, high = (
            round(median_of_known(values), 1) + 0.0  # no -0.0
            for values in (self.benefit, self.benefit_low, self.benefit_high)
        )
        whose = "" if self.condition is None else f" in {self.condition}"
        unit = f"{self.scale} points" if self.condition else self.scale
        lines = [
            f"Outcome{whose}, {len(self.benefit)} subject(s), "
            f"{self.interval_h[0]:g} to {self.interval_h[1]:g} h"
        ]
        lost = int(np.isnan(self.benefit).sum())
        if lost:
            lines.append(f"  {lost} could not be followed; the medians are those of the others")
        if lost == len(self.benefit):
            return "\n".join(lines)
        lines.append(
            f"  benefit: {benefit:+.1f} {unit} beyond placebo "
            f"({low:+.1f} to {high:+.1f}), from {self.baseline_score:g}"
        )
        if self.condition is not None:
            lines.append(
                f"  responders: {100 * median_of_known(self.responders):.0f} %, "
                f"placebo {100 * self.responders_placebo:.0f} %"
            )
        for name, values in self.probability.items():
            lines.append(
                f"  {name}: {100 * median_of_known(values):.1f} % "
                f"({100 * median_of_known(self.probability_low[name]):.1f} to "
                f"{100 * median_of_known(self.probability_high[name]):.1f}), "
                f"placebo {100 * self.placebo[name]:.1f} %"
                f"{' (hypothesis)' if name in self.hypotheses else ''}"
            )
        lines.append(f"  prolactin: {median_of_known(self.prolactin):.2f} times (hypothesis)")
        longest = median_of_known(self.qtc_ms)
        known = "no slope is known" if np.isnan(longest) else f"{longest:+.1f} ms"
        lines.append(f"  QTc: {known}")
        return "\n".join(lines)
