"""The outcome with an interval that carries what is not known of every constant behind it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import check, seeds
from vmatcore.errors import unknown
from vmatcore.occupancy import OccupancyResult
from vmatcore.outcome.constants import SIDE_EFFECTS
from vmatcore.outcome.drawn import constants_of_outcome, drawn_days, drawn_numbers
from vmatcore.outcome.interval_result import DrawnEffects, OutcomeInterval
from vmatcore.outcome.result import OutcomeResult
from vmatcore.outcome.settings import end_of_day_h, occupancy_of, settings_of
from vmatcore.outcome.stage import evaluate_doses, of_day
from vmatcore.result import provenance
from vmatcore.terminal import SITES
from vmatcore.uncertainty import Constant, constants_of, constants_of_terminal, draw
from vmatcore.uncertainty.constants import in_brain
from vmatcore.work import CancelToken, Work, claim

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["SOURCES", "constants_behind", "interval"]

#: Where constants come from that can be drawn.
SOURCES = ("drugs", "brain", "terminals", "outcome")


def interval(
    run: Any,
    *,
    condition: str | None = None,
    draws: int = 200,
    share: float = 0.95,
    seed: int | None = None,
    of: Sequence[str] = SOURCES,
    history: bool = False,
    susceptibility: float | None = None,
    driver: str = "d2",
    hazard: str = "convex",
    baseline_score: float | None = None,
    at_h: float | None = None,
    threads: int | None = None,
    progress: bool | Callable[[int], Any] | None = None,
    cancel: CancelToken | None = None,
) -> OutcomeInterval:
    """Return the outcome with an interval that carries every constant with a spread.

    Parameters
    ----------
    run : Run or OccupancyResult
        What was taken, by whom; the same people in every draw.
    condition : {"tardive dyskinesia", "Huntington's chorea"}, optional
        As for :func:`evaluate`.
    draws : int
        How often every constant with a spread is drawn, 1 to 10,000.
    share : float
        Share of the draws that the interval holds, in (0, 1).
    seed : int, optional
        By default one is drawn and recorded. Two runs with one seed are paired: what
        they have in common has the same value in draw ``i`` of both.
    of : sequence of str
        Whose constants are drawn: "drugs" (kinetics, protein binding, Ki), "brain"
        (its entry), "terminals" (of three sites) and "outcome" (half-effect, hazards,
        placebo rates, slopes of QTc). All by default; the others keep their value.
    history, susceptibility, driver, hazard, baseline_score, at_h
        As for :func:`evaluate`.
    threads, progress, cancel
        See :class:`vmatcore.work.Work`.

    Returns
    -------
    OutcomeInterval

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.
    MemoryLimitError, CancelledError, SolverError
        As the stages do.

    Notes
    -----
    It is an interval of what is not known of these people's constants, not a range of
    people. Each constant is drawn from a triangle over its spread, on a logarithmic
    scale, with the peak at its value; the fitted numbers of the outcome come from two
    halves of a normal law that have the ends of their 95 % interval. Constants are drawn
    independently, but one number that stands in several places is one: the Ki of an isomer
    and of its deuterated twin, the one log P that all isomers have, or what terminals of
    two sites share with one source. The shares of tetrabenazine's isomers are drawn as what
    forms of each enantiomer, so that they sum to one.

    Not drawn, for want of a spread: a Ki of which only a lower bound is published (it holds
    nothing here, as in :attr:`OccupancyResult.off_target`), the activities of enzymes,
    the isotope effects and the constants of the brain's regions. The half-effect was fitted with
    every other constant at its value and is drawn independently of them, which makes the
    interval of the benefit wide rather than narrow.

    Terminals whose content at rest would leave a third to three times its own are drawn
    again, as in :func:`vmatcore.washout`, together with those that share a constant with
    them. A draw that cannot be followed is left out and counted in ``not_followed``.

    The outcome at the constants' values need not lie amid the draws. The print-out gives
    the draws' median, too, where the two lie more than a quarter of the interval's width
    apart. Without subjects every array is empty.

    Examples
    --------
    >>> import vmatcore as vm
    >>> run = vm.simulate("tetrabenazine 25 mg q8h x 21")
    >>> found = interval(run, condition="Huntington's chorea", draws=20, seed=1)
    >>> bool(found.low.benefit[0] < found.median.benefit[0] < found.high.benefit[0] < 0)
    True
    """
    occupancy = occupancy_of(run)
    settings = settings_of(
        [occupancy],
        condition=condition,
        history=history,
        susceptibility=susceptibility,
        driver=driver,
        hazard=hazard,
        baseline_score=baseline_score,
    )
    count = check.whole("draws", draws, minimum=1, maximum=10_000)
    share = check.number("share", share, minimum=0, maximum=1, exclusive=True)
    chosen = seeds.chosen(seed)
    wanted = _sources(of)
    end_h = end_of_day_h(at_h, [occupancy])
    people = len(occupancy.pk.subjects)
    work = Work.start(threads=threads, progress=progress, cancel=cancel, total=count)
    claim(
        "effects of draws",
        *[(people, count)] * len(_names()),
        fewer="draws or subjects",
    )
    value = evaluate_doses([occupancy], **settings, at_h=end_h, threads=work.threads, cancel=cancel)
    drawn = draw(
        constants_behind(occupancy, wanted, **settings),
        chosen,
        count,
        {site: make() for site, make in SITES.items()} if "terminals" in wanted else None,
        threads=work.threads,
        cancel=cancel,
    )
    found = {name: np.empty((people, count)) for name in _names()}
    days = drawn_days(occupancy, drawn, end_h, threads=work.threads, cancel=cancel)
    for number, signal, read in days:
        numbers = drawn_numbers(settings["condition"], drawn.of(number)).__getitem__
        one = of_day(signal, [read], end_h, **settings, numbers=numbers)
        for name, values in _flat(one).items():
            found[name][:, number] = values
        if work.progress is not None:
            work.progress(number + 1)
    effects = DrawnEffects(**_nested(found))
    return OutcomeInterval(
        value=value,
        share=share,
        low=effects.at((1.0 - share) / 2.0),
        median=effects.at(0.5),
        high=effects.at((1.0 + share) / 2.0),
        draws=effects,
        constants=drawn.unknowns(),
        not_followed=np.isnan(effects.benefit).sum(axis=1).astype(float),
        provenance=provenance(
            stage="outcome interval",
            seed=chosen,
            draws=count,
            share=share,
            of=wanted,
            regimen=str(occupancy.pk.regimen),
            **settings,
            drawn=tuple(constant.name for constant in drawn.constants),
            drawn_again=drawn.drawn_again,
        ),
    )


def _sources(of: object) -> tuple[str, ...]:
    wanted = check.listed("of", of)
    for name in wanted:
        if check.text("of", name) not in SOURCES:
            raise unknown("source of constants", name, SOURCES)
    return tuple(name for name in SOURCES if name in wanted)


def constants_behind(
    occupancy: OccupancyResult, wanted: Collection[str], **settings: Any
) -> list[Constant]:
    """Return the constants behind an outcome, from the wanted ones of :data:`SOURCES`."""
    found = [
        one
        for one in constants_of(occupancy)
        if ("brain" if one.name.startswith(in_brain()) else "drugs") in wanted
    ]
    if "terminals" in wanted:
        for site, make in SITES.items():
            found += constants_of_terminal(site, make())
    if "outcome" in wanted:
        found += constants_of_outcome(occupancy, **settings)
    return found


def _names() -> list[str]:
    return [
        *("occupancy", "d2_fall", "benefit", "responders", "prolactin", "qtc_ms"),
        *(f"content:{site}" for site in SITES),
        *(f"amine:{site}" for site in SITES),
        *(f"probability:{name}" for name in SIDE_EFFECTS),
        *(f"excess:{name}" for name in SIDE_EFFECTS),
    ]


def _flat(one: OutcomeResult) -> dict[str, FloatArray]:
    found = {}
    for name in _names():
        part, _, key = name.partition(":")
        if part == "excess":
            found[name] = one.excess(key)
        else:
            value = getattr(one, part)
            found[name] = value[key] if key else value
    return found


def _nested(found: dict[str, FloatArray]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for name, values in found.items():
        part, _, key = name.partition(":")
        if key:
            nested.setdefault(part, {})[key] = values
        else:
            nested[part] = values
    return nested
