"""The verb of the outcome: what a run does to signs, and what else it does."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from vmatcore.arithmetic import logarithm
from vmatcore.occupancy import OccupancyResult
from vmatcore.outcome import effects
from vmatcore.outcome.constants import PEAKED, SIDE_EFFECTS, sources
from vmatcore.outcome.day import DAY_STEPS, last_day
from vmatcore.outcome.result import OutcomeResult
from vmatcore.outcome.settings import end_of_day_h, occupancy_of, settings_of, several_of
from vmatcore.result import provenance
from vmatcore.signal import SignalCourse
from vmatcore.work import CancelToken

if TYPE_CHECKING:
    import numpy.typing as npt

    from vmatcore.drugs.quantity import Quantity

    FloatArray = npt.NDArray[np.float64]

__all__ = ["PARTS", "Numbers", "evaluate", "evaluate_doses", "of_day"]

#: The numbers of a part by name, as :func:`vmatcore.outcome.sources` gives them.
Numbers: TypeAlias = "Callable[[str], Mapping[str, Quantity]]"

#: Parts of the numbers that every condition shares.
PARTS = ("half_effect", "hazard", "placebo", "depression", "prolactin", "qtc")

#: Side effects whose size or shape rests on no dose-response.
_HYPOTHESES = ("parkinsonism", "depression", "prolactin raised")

_SCALES = {"tardive dyskinesia": "AIMS", "Huntington's chorea": "TMC"}


def evaluate(
    run: Any,
    *,
    condition: str | None = None,
    history: bool = False,
    susceptibility: float | None = None,
    driver: str = "d2",
    hazard: str = "convex",
    baseline_score: float | None = None,
    at_h: float | None = None,
    threads: int | None = None,
    cancel: CancelToken | None = None,
) -> OutcomeResult:
    """Return benefit and side effects of a run over one day.

    Parameters
    ----------
    run : Run or OccupancyResult
        What :func:`vmatcore.simulate` or :func:`vmatcore.occupancy.simulate` gave.
    condition : {"tardive dyskinesia", "Huntington's chorea"}, optional
        Whose signs: AIMS or TMC. Without it that of the run's subjects; if they have
        none, or one without a scale here, benefit is in per cent of the score, and
        responders are not known.
    history : bool
        Whether these people were depressed before; it multiplies the hazard of
        depression, placebo's too.
    susceptibility : float, optional
        Factor on the hazard of depression that the drug brings; without it the
        average over people, of whom some are far more susceptible than others.
    driver : {"d2", "log_release", "occupancy"}
        What drives the benefit: the fall of D2 activation, ln(1/f) with f the release
        relative to rest, or VMAT2 occupancy. Each has a half-effect of its own.
    hazard : {"convex", "linear"}
        Whether akathisia and somnolence count the square of the instantaneous fall,
        so that peaks cost more than their mean (a hypothesis), or the fall itself.
    baseline_score : float, optional
        Score before treatment, in points; without it that of the trial, or 100 %.
    at_h : float, optional
        End of the day that is looked at, in h; without it the end of the last dosing
        interval (of the day after a single dose), or of the run where nothing is taken.
        Means are over 24 h, or since 0 h where that is shorter.
    threads, cancel
        See :class:`vmatcore.work.Work`.

    Returns
    -------
    OutcomeResult

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule, the condition has no scale, or the subjects do
        not share one.
    MemoryLimitError, SolverError
        As :func:`vmatcore.terminal.sites` does.

    Notes
    -----
    Benefit = -(baseline score) d/(d50 + d), with d the fall over 24 h of D2 activation
    by dopamine relative to that without drug; drug that holds D2 competes. One d50
    serves both scales. The ceiling (the whole score) and the exponent (1) are assumed.
    d50 and the hazards were fitted by ``docs/validation/outcome.py``. A chance is
    p0 + (1 - p0)(1 - exp(-H)), H a hazard times the mean over the day of a fall or of
    its square.

    Examples
    --------
    >>> import vmatcore as vm
    >>> run = vm.simulate("valbenazine 40 mg q24h x 7 then 80 mg q24h x 35")
    >>> found = evaluate(run, condition="tardive dyskinesia")
    >>> bool(-10 < found.benefit[0] < -2), found.scale
    (True, 'AIMS')
    >>> bool(0 < found.excess("akathisia")[0] < 0.2)
    True
    """
    return evaluate_doses(
        [occupancy_of(run)],
        condition=condition,
        history=history,
        susceptibility=susceptibility,
        driver=driver,
        hazard=hazard,
        baseline_score=baseline_score,
        at_h=at_h,
        threads=threads,
        cancel=cancel,
    )


def evaluate_doses(
    occupancies: Sequence[OccupancyResult],
    *,
    condition: str | None = None,
    history: bool = False,
    susceptibility: float | None = None,
    driver: str = "d2",
    hazard: str = "convex",
    baseline_score: float | None = None,
    at_h: float | None = None,
    threads: int | None = None,
    cancel: CancelToken | None = None,
) -> OutcomeResult:
    """Return the outcome of several runs at one time; their subjects follow one another.

    Parameters
    ----------
    occupancies : sequence of OccupancyResult
        One or more.
    condition, history, susceptibility, driver, hazard, baseline_score, at_h, threads, cancel
        As for :func:`evaluate`. Without a ``condition`` all subjects must share one, and
        without ``at_h`` the last dosing intervals must end together.

    Returns
    -------
    OutcomeResult

    Raises
    ------
    ParameterError, ParameterTypeError, MemoryLimitError, SolverError
        As :func:`evaluate` does.

    Examples
    --------
    >>> import vmatcore as vm
    >>> runs = [vm.simulate(f"valbenazine {mg} mg q24h x 28").occupancy for mg in (40, 80)]
    >>> found = evaluate_doses(runs, condition="tardive dyskinesia")
    >>> bool(found.benefit[1] < found.benefit[0] < 0)
    True
    """
    several = several_of(occupancies)
    settings = settings_of(
        several,
        condition=condition,
        history=history,
        susceptibility=susceptibility,
        driver=driver,
        hazard=hazard,
        baseline_score=baseline_score,
    )
    end_h = end_of_day_h(at_h, several)
    signal, read = last_day(several, end_h, threads=threads, cancel=cancel)
    return of_day(signal, read, end_h, **settings)


def of_day(
    signal: SignalCourse,
    read: Sequence[OccupancyResult],
    end_h: float,
    *,
    condition: str | None,
    history: bool,
    susceptibility: float | None,
    driver: str,
    hazard: str,
    baseline_score: float | None,
    numbers: Numbers = sources,
) -> OutcomeResult:
    """Return the outcome of a day from its signal, with numbers of one's own by part."""
    people = {} if condition is None else dict(numbers(condition))
    usual = people["baseline_score"].value if people else 100.0
    score = usual if baseline_score is None else baseline_score
    half = numbers("half_effect")[driver]
    driven = effects.drive(signal, driver)
    benefit, best, least = (
        -score * effects.share_of_score(driven, at) for at in (half.value, *half.spread)
    )
    placebo, chance, low, high = {}, {}, {}, {}

    def escape(name: str, rate: float) -> FloatArray:
        return _escape(signal, name, hazard, rate, history, susceptibility, numbers("depression"))

    for name in SIDE_EFFECTS:
        if name == "prolactin raised":
            continue
        rate = numbers("hazard")[_rate_name(name, hazard)]
        rest = _rest(name, history, numbers)
        placebo[name] = rest
        chance[name], low[name], high[name] = (
            effects.with_placebo(rest, escape(name, at)) for at in (rate.value, *rate.spread)
        )
    prolactin, raised = _prolactin(signal, numbers)
    placebo["prolactin raised"] = numbers("placebo")["prolactin raised"].value
    chance["prolactin raised"] = raised[0]
    low["prolactin raised"], high["prolactin raised"] = raised[1], raised[2]
    placebo_change, spread = (
        people[name].value / usual * score if people else math.nan
        for name in ("placebo_fall", "change_sd")
    )
    return OutcomeResult(
        condition=condition,
        scale=_scale(condition, baseline_score),
        driver=driver,
        hazard=hazard,
        baseline_score=score,
        interval_h=(max(end_h - 24.0, 0.0), end_h),
        occupancy=signal.mean(signal.vmat2),
        content={site: signal.mean(values) for site, values in signal.content.items()},
        amine={site: signal.mean(values) for site, values in signal.amine.items()},
        d2_fall=effects.drive(signal, "d2"),
        benefit=benefit,
        benefit_low=best,
        benefit_high=least,
        responders=_responders(benefit - placebo_change, score, spread),
        responders_placebo=float(_responders(np.array([-placebo_change]), score, spread)[0]),
        probability=chance,
        probability_low=low,
        probability_high=high,
        placebo=placebo,
        prolactin=prolactin,
        qtc_ms=np.concatenate([_longest_qtc_ms(one, numbers("qtc")) for one in read]),
        serotonin_7=signal.mean(
            np.concatenate([one.off_target["5-HT7"][:, -(DAY_STEPS + 1) :] for one in read])
        ),
        hypotheses=_HYPOTHESES if hazard == "linear" else (*PEAKED, *_HYPOTHESES),
        provenance=provenance(
            stage="outcome",
            condition=condition,
            history=history,
            susceptibility=susceptibility,
            driver=driver,
            hazard=hazard,
            baseline_score=score,
            numbers={part: numbers(part) for part in PARTS}
            | ({} if condition is None else {condition: people}),
        ),
    )


def _scale(condition: str | None, baseline_score: float | None) -> str:
    if condition is None:
        return "% of the score" if baseline_score is None else "points"
    return _SCALES[condition]


def _rate_name(side_effect: str, hazard: str) -> str:
    return f"{side_effect}_{hazard}" if side_effect in PEAKED else side_effect


def _rest(side_effect: str, history: bool, numbers: Numbers) -> float:
    """Return the chance without drug; a history multiplies the hazard behind it."""
    rest = numbers("placebo")[side_effect].value
    if side_effect == "depression" and history:
        factor = numbers("depression")["history_factor"].value
        return 1.0 - float(effects.frail(np.array([-logarithm(1.0 - rest) * factor]), 0.0)[0])
    return rest


def _escape(
    signal: SignalCourse,
    side_effect: str,
    hazard: str,
    rate: float,
    history: bool,
    susceptibility: float | None,
    depression: Mapping[str, Quantity],
) -> FloatArray:
    counted = hazard if side_effect in PEAKED else "linear"
    exposed = rate * effects.exposure(signal, side_effect, counted)
    if side_effect != "depression":
        return effects.frail(exposed, 0.0)
    if history:
        exposed = exposed * depression["history_factor"].value
    if susceptibility is not None:
        return effects.frail(exposed * susceptibility, 0.0)
    return effects.frail(exposed, depression["susceptibility_variance"].value)


def _prolactin(signal: SignalCourse, numbers: Numbers) -> tuple[FloatArray, list[FloatArray]]:
    """Return prolactin over rest, and the chance that it is above the upper limit."""
    law = numbers("prolactin")
    rise, rest = law["largest_rise"], law["rest_activation"]
    ratios = [
        signal.mean(effects.prolactin_ratio(signal, rest_activation=rest.value, largest_rise=at))
        for at in (rise.value, *rise.spread)
    ]
    limit = _quantile(1.0 - numbers("placebo")["prolactin raised"].value)
    width = law["log_sd"].value
    raised = [
        np.array([effects.normal_below(logarithm(float(one)) / width - limit) for one in ratio])
        for ratio in ratios
    ]
    return ratios[0], raised


def _quantile(share: float) -> float:
    """Return the standard normal quantile by halving; shares as of a placebo rate."""
    low, high = -10.0, 10.0
    for _ in range(80):
        middle = 0.5 * (low + high)
        if effects.normal_below(middle) < share:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _responders(change: FloatArray, score: float, spread: float) -> FloatArray:
    """Return the share whose score falls by half: changes of people are normal about the mean."""
    return np.array([effects.normal_below((-0.5 * score - one) / spread) for one in change])


def _longest_qtc_ms(read: OccupancyResult, slopes: Mapping[str, Quantity]) -> FloatArray:
    """Return the longest prolongation of the day, (row,)."""
    longest: FloatArray = effects.qtc_ms(read.pk, slopes)[:, -(DAY_STEPS + 1) :].max(axis=1)
    return longest
