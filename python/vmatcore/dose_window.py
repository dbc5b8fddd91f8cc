"""The double-edged sword: benefit and side effects of one drug over its dose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import check, drugs
from vmatcore.chain import simulate
from vmatcore.dosing import Regimen
from vmatcore.drugs import Drug
from vmatcore.errors import ParameterError, ParameterTypeError, shown, unknown
from vmatcore.outcome import SIDE_EFFECTS, OutcomeResult, evaluate_doses
from vmatcore.result import Result, labelled
from vmatcore.subject import Subject
from vmatcore.work import CancelToken

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.figure import Figure

    FloatArray = npt.NDArray[np.float64]

__all__ = ["DoseWindow", "window"]

#: Doses without a choice, and how far beyond the label's maximum they go.
_DOSES = 25
_BEYOND_LABEL = 1.5
_MOST_DOSES = 10_000


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class DoseWindow(Result):
    """Benefit and side effects over dose, at steady state.

    Attributes
    ----------
    drug : str
        What is taken.
    every_h : float
        The dosing interval in h.
    weights : dict of float
        What the user gives ``"benefit"``, the share of the score that goes, and the
        chance of each side effect beyond placebo's.
    dose_mg_per_day : ndarray (dose,)
        Daily doses, rising.
    occupancy : ndarray (dose,)
        Mean share of VMAT2 held over the last day.
    benefit : ndarray (dose,)
        Weighted share of the score that goes.
    harm : ndarray (dose,)
        Weighted sum of the chances beyond placebo's.
    net_low, net_high : ndarray (dose,)
        Benefit minus harm where the fits are at their worst, and at their best, all at
        once: wider than 95 %.
    outcome : OutcomeResult
        Everything else; its subjects are the doses.
    """

    drug: str
    every_h: float
    weights: dict[str, float]
    dose_mg_per_day: FloatArray = labelled("dose", unit="mg/d")
    occupancy: FloatArray = labelled("dose", unit="fraction")
    benefit: FloatArray = labelled("dose", unit="weighted share")
    harm: FloatArray = labelled("dose", unit="weighted chance")
    net_low: FloatArray = labelled("dose", unit="weighted share")
    net_high: FloatArray = labelled("dose", unit="weighted share")
    outcome: OutcomeResult

    @property
    def net(self) -> FloatArray:
        """Benefit minus harm, (dose,)."""
        return self.benefit - self.harm

    def ranges_mg_per_day(self, fits: str = "middle") -> tuple[tuple[float, float], ...]:
        """Return the ranges of daily dose in which benefit beats harm, in mg.

        Ends are where a straight line between two doses crosses zero; a range that
        reaches the first or the last dose ends there.

        Parameters
        ----------
        fits : {"middle", "worst", "best"}
            With the fitted numbers, or with all of them at the ends of their intervals.

        Raises
        ------
        UnknownNameError
            For fits that do not exist.
        """
        return _ranges(self.dose_mg_per_day, self._net(fits))

    def ranges_occupancy(self, fits: str = "middle") -> tuple[tuple[float, float], ...]:
        """Return the same ranges as mean shares of VMAT2 held."""
        return _ranges(self.occupancy, self._net(fits))

    def _net(self, fits: str) -> FloatArray:
        nets = {"middle": self.net, "worst": self.net_low, "best": self.net_high}
        if check.text("fits", fits) not in nets:
            raise unknown("fits", fits, nets)
        return nets[fits]

    def best_mg_per_day(self) -> float:
        """Return the daily dose with the largest benefit minus harm, of those looked at.

        NaN if no dose could be followed.
        """
        if np.isnan(self.net).all():
            return float("nan")
        return float(self.dose_mg_per_day[int(np.nanargmax(self.net))])

    def plot(self) -> Figure:
        """Return a figure: benefit, harm and each side effect over dose and over occupancy.

        Raises
        ------
        MissingExtraError
            Without matplotlib: ``pip install 'vmatcore[lab]'``.
        """
        from vmatcore import plotting

        return plotting.window_figure(self)

    def __repr__(self) -> str:
        middle, worst, best = (
            " and ".join(f"{start:.3g} to {end:.3g}" for start, end in self.ranges_mg_per_day(fits))
            or "none"
            for fits in ("middle", "worst", "best")
        )
        worth = ", ".join(f"{name} {value:g}" for name, value in self.weights.items())
        where = "" if self.outcome.condition is None else f" in {self.outcome.condition}"
        return (
            f"Window of {self.drug} every {self.every_h:g} h{where}, "
            f"{len(self.benefit)} doses up to {self.dose_mg_per_day.max(initial=0.0):g} mg/d\n"
            f"  benefit beats harm (hypothesis), mg/d: {middle}\n"
            f"  with every fit at its worst: {worst}; at its best: {best}\n"
            f"  weights: {worth}"
        )


def window(
    drug: str | Drug,
    *,
    condition: str | None = None,
    doses_mg_per_day: Any = None,
    every_h: float | None = None,
    days: float = 28.0,
    weights: Mapping[str, float] | None = None,
    subject: Subject | None = None,
    history: bool = False,
    driver: str = "d2",
    hazard: str = "convex",
    threads: int | None = None,
    cancel: CancelToken | None = None,
) -> DoseWindow:
    """Return benefit and each side effect over dose and over occupancy.

    Parameters
    ----------
    drug : str or Drug
        A drug of the catalogue, or one of your own.
    condition, history, driver, hazard
        As for :func:`vmatcore.outcome.evaluate`.
    doses_mg_per_day : sequence of float, optional
        Daily doses, positive and rising; without them 25 up to one and a half times
        the label's maximum.
    every_h : float, optional
        Dosing interval in h, a divisor of 24; without it that of the label's maximum.
    days : float
        How long each dose is taken before its last day is looked at.
    weights : mapping of str to float, optional
        What the share of the score that goes (``"benefit"``) and the chance of each
        side effect are worth to you; each is 1 where it is not given, but 0 for
        ``"prolactin raised"``: a laboratory value, and all of its numbers are assumed.
    subject : Subject, optional
        Who takes it; without one a person with the condition.
    threads, cancel
        See :class:`vmatcore.work.Work`.

    Returns
    -------
    DoseWindow

    Raises
    ------
    ParameterError, ParameterTypeError, MemoryLimitError, SolverError
        As the stages do, and if a weight or a dose breaks its rule.

    Examples
    --------
    >>> import vmatcore as vm
    >>> found = vm.window(
    ...     "valbenazine",
    ...     condition="tardive dyskinesia",
    ...     doses_mg_per_day=[20, 40, 80],
    ...     weights={"prolactin raised": 0.1},
    ... )
    >>> found.occupancy.round(1).tolist()
    [0.7, 0.8, 0.9]
    >>> len(found.ranges_mg_per_day())
    1
    """
    chosen = drug if isinstance(drug, Drug) else drugs.get(drug)
    person = Subject(condition=condition) if subject is None else subject
    if not isinstance(person, Subject):
        raise ParameterTypeError(f"`subject` must be a Subject, got {shown(subject)}")
    given = _weights(weights)
    interval = _interval(chosen, every_h)
    doses = _doses(chosen, doses_mg_per_day)
    length = check.number("days", days, minimum=1, maximum=10_000)
    count = int(np.ceil(24.0 * length / interval))
    end_h = count * interval
    runs = [
        simulate(
            Regimen.repeat(
                chosen.name, dose_mg=dose * interval / 24.0, every_h=interval, doses=count
            ),
            time_h=[end_h],
            subject=person,
            drugs=() if isinstance(drug, str) else (chosen,),
            threads=threads,
            progress=False,
            cancel=cancel,
        ).occupancy
        for dose in doses
    ]
    found = evaluate_doses(
        runs,
        condition=condition,
        history=history,
        driver=driver,
        hazard=hazard,
        at_h=end_h,
        threads=threads,
        cancel=cancel,
    )
    benefit, least, most = (
        given["benefit"] * (-points / found.baseline_score)
        for points in (found.benefit, found.benefit_high, found.benefit_low)
    )
    harm, smallest, largest = (
        np.sum([given[name] * (part[name] - found.placebo[name]) for name in SIDE_EFFECTS], axis=0)
        for part in (found.probability, found.probability_low, found.probability_high)
    )
    return DoseWindow(
        drug=chosen.name,
        every_h=interval,
        weights=given,
        dose_mg_per_day=doses,
        occupancy=found.occupancy.copy(),
        benefit=benefit,
        harm=harm,
        net_low=least - largest,
        net_high=most - smallest,
        outcome=found,
    )


def _ranges(places: FloatArray, net: FloatArray) -> tuple[tuple[float, float], ...]:
    """Return where the net is positive; lines between the doses."""
    found = []
    start: float | None = None
    for i, value in enumerate(net):
        if value > 0 and start is None:
            start = float(places[i]) if i == 0 else _crossing(places, net, i)
        if value <= 0 and start is not None:
            found.append((start, _crossing(places, net, i)))
            start = None
    if start is not None:
        found.append((start, float(places[-1])))
    return tuple(found)


def _crossing(places: FloatArray, net: FloatArray, i: int) -> float:
    share = net[i - 1] / (net[i - 1] - net[i])
    return float(places[i - 1] + share * (places[i] - places[i - 1]))


def _weights(weights: object) -> dict[str, float]:
    found = dict.fromkeys(("benefit", *SIDE_EFFECTS), 1.0) | {"prolactin raised": 0.0}
    for name, value in check.mapping("weights", {} if weights is None else weights).items():
        if name not in found:
            raise unknown("weight", name, found)
        found[name] = check.number(f"weights[{name!r}]", value, minimum=0, maximum=1e9)
    return found


def _label_maximum(drug: Drug) -> Regimen | None:
    text = drug.label.get("maximum")
    return None if text is None else Regimen.parse(f"{drug.name} {text} x 2")


def _interval(drug: Drug, every_h: object) -> float:
    if every_h is not None:
        interval = check.number("every_h", every_h, minimum=0.1, maximum=24)
        if 24.0 / interval != round(24.0 / interval):
            raise ParameterError(f"`every_h` must be a divisor of 24, got {shown(every_h)}")
        return interval
    maximum = _label_maximum(drug)
    found = None if maximum is None else maximum.interval_h()
    if found is None:
        raise ParameterError(f"`every_h` must be given: {drug.name} has no label maximum")
    return found


def _doses(drug: Drug, doses_mg_per_day: object) -> FloatArray:
    if doses_mg_per_day is not None:
        items = check.listed("doses_mg_per_day", doses_mg_per_day)
        check.whole("number of doses", len(items), minimum=1, maximum=_MOST_DOSES)
        doses = np.array(check.numbers("doses_mg_per_day", items, minimum=0, exclusive=True))
        back = np.flatnonzero(np.diff(doses) <= 0)
        if back.size:
            place = int(back[0]) + 1
            raise ParameterError(
                f"`doses_mg_per_day[{place}]` must be more than the dose before it, "
                f"got {float(doses[place])!r}"
            )
        return doses
    maximum = _label_maximum(drug)
    if maximum is None:
        raise ParameterError(f"`doses_mg_per_day` must be given: {drug.name} has no label maximum")
    interval = maximum.interval_h() or 24.0
    most = _BEYOND_LABEL * maximum.doses()[0].dose_mg * 24.0 / interval
    return np.linspace(0.0, most, _DOSES + 1)[1:]
