"""The verbs of filling: simulate contents, or compute their law."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np

from vmatcore import _core, check, seeds
from vmatcore.errors import ParameterError, ParameterTypeError, shown, unknown
from vmatcore.filling import request
from vmatcore.filling.keep import Histogram, Moments
from vmatcore.filling.result import (
    FillingDistribution,
    FillingEvents,
    FillingHistogram,
    FillingLumens,
    FillingMean,
    FillingMeanLumen,
    FillingMoments,
    FillingResult,
)
from vmatcore.result import provenance
from vmatcore.steps import Steps
from vmatcore.vesicle import BirthDeath, Vesicle
from vmatcore.work import CancelToken, Work, available_bytes, claim

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["METHODS", "distribution", "simulate"]

#: How contents are drawn, or what stands in for them.
METHODS = ("closed_form", "ssa", "mean")

_MOST_VESICLES = 2**62
_FEWER = "vesicles or times, or keep Moments() or Histogram()"

Progress = bool | Callable[[int], Any] | None


@overload
def simulate(
    law: Vesicle | BirthDeath,
    *,
    active: float | Steps = ...,
    cytosol_umol_l: float | Steps | None = ...,
    time_s: Any,
    vesicles: int = ...,
    start: Any = ...,
    method: Literal["closed_form", "ssa"] = ...,
    binding: str = ...,
    residence_s: float | None = ...,
    seed: int | None = ...,
    first: int = ...,
    keep: Literal["all"] = ...,
    threads: int | None = ...,
    progress: Progress = ...,
    cancel: CancelToken | None = ...,
) -> FillingResult: ...
@overload
def simulate(
    law: Vesicle | BirthDeath,
    *,
    active: float | Steps = ...,
    cytosol_umol_l: float | Steps | None = ...,
    time_s: Any,
    vesicles: int = ...,
    start: Any = ...,
    method: str = ...,
    binding: str = ...,
    residence_s: float | None = ...,
    seed: int | None = ...,
    first: int = ...,
    keep: str | Moments | Histogram = ...,
    threads: int | None = ...,
    progress: Progress = ...,
    cancel: CancelToken | None = ...,
) -> Any: ...
def simulate(
    law: Vesicle | BirthDeath,
    *,
    active: float | Steps = 1.0,
    cytosol_umol_l: float | Steps | None = None,
    time_s: Any,
    vesicles: int = 1000,
    start: Any = 0,
    method: str = "closed_form",
    binding: str = "fast",
    residence_s: float | None = None,
    seed: int | None = None,
    first: int = 0,
    keep: str | Moments | Histogram = "all",
    threads: int | None = None,
    progress: Progress = None,
    cancel: CancelToken | None = None,
) -> Any:
    """Return the contents of vesicles that fill, leak and empty, molecule by molecule.

    Each vesicle depends on the seed and its own number alone, so the same seed
    gives the same vesicles whatever the threads, and more of them keep the first.

    Parameters
    ----------
    law : Vesicle or BirthDeath
        What fills.
    active : float or Steps
        Share of transporters that work, in [0, 1]. For a BirthDeath it
        multiplies the birth rate.
    cytosol_umol_l : float or Steps, optional
        Cytosolic amine in umol/L instead of the vesicle's own.
    time_s : sequence of float
        Read times in s, not negative, in order. Vesicles start at 0 s.
    vesicles : int
        How many.
    start : int, sequence of int or "full"
        Molecules at 0 s: one number for all, one for each vesicle, or drawn from
        the steady state with every transporter working.
    method : {"closed_form", "ssa", "mean"}
        ``closed_form``: one binomial and one Poisson number per read, exact for
        linear laws. ``ssa``: every molecule, exact for any law. ``mean``: the
        expected content, without chance.
    binding : {"fast", "telegraph", "irreversible"}
        How drug sits on the copies of one vesicle: every copy works a share of the
        time; each copy is free or blocked for a while; a blocked copy is lost
        for the life of the vesicle.
    residence_s : float, optional
        Mean time in s that one drug molecule stays on one copy, for
        ``"telegraph"``; 120, assumed.
    seed : int, optional
        From 0 to 2^64 - 1; by default one is drawn and recorded.
    first : int
        Number of the first vesicle: rows of one seed can be made in parts.
    keep : "all", "events", Moments or Histogram
        What is kept: every content; with ``ssa`` every event, too; or a summary,
        whose memory does not grow with the vesicles.
    threads, progress, cancel
        See :class:`vmatcore.work.Work`.

    Returns
    -------
    FillingResult
        With ``molecules`` (vesicle, time); or FillingEvents, FillingMoments,
        FillingHistogram, as ``keep`` says; or FillingMean for ``method="mean"``.
        With a proton supply FillingLumens or FillingMeanLumen, which have pH and
        potential, too.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule, or the method does not fit the law.
    MemoryLimitError
        If the result would not fit.

    Notes
    -----
    Closed form: Kendall 1948, doi:10.1214/aoms/1177730285. Direct method:
    Gillespie 1977, doi:10.1021/j100540a008.

    Examples
    --------
    >>> import vmatcore as vm
    >>> fill = simulate(vm.Vesicle(), active=0.2, time_s=[0, 600], vesicles=100, seed=3)
    >>> fill.molecules.shape, int(fill.molecules[0, 0])
    ((100, 2), 0)
    """
    if method not in METHODS:
        raise unknown("method", method, METHODS)
    count = check.whole("vesicles", vesicles, minimum=0, maximum=_MOST_VESICLES)
    times = np.array(check.times("time_s", time_s))
    chosen = seeds.chosen(seed)
    settings = request.settings_of(law, active, cytosol_umol_l, binding, residence_s)
    begin = request.start_of(start, count)
    offset = check.whole("first", first, minimum=0, maximum=2**64 - 1 - count)
    request.check_keep(keep, method, law)
    work = Work.start(threads=threads, progress=progress, cancel=cancel, total=count)
    request.check_method(law, method)
    shape = (count, len(times))
    cohort = _core.Cohort(
        **settings, start=begin, time_s=times, seed=chosen, first=offset, vesicles=count
    )
    made = provenance(
        stage="filling",
        method=method,
        seed=chosen,
        first=offset,
        vesicles=count,
        law={"type": type(law).__name__} | asdict(law),
        active=active if isinstance(active, Steps) else float(active),
        cytosol_umol_l=cytosol_umol_l,
        binding=binding,
        residence_s=settings["residence_s"] if binding == "telegraph" else None,
        start=begin if isinstance(begin, int | str) else "one for each vesicle",
    )
    common: dict[str, Any] = {"time_s": times, "provenance": made}
    if method == "mean":
        return _mean(work, cohort, supplied=settings["supply"] is not None, common=common)
    if isinstance(keep, Moments):
        mean, variance, least, most = _core.filling_moments(work, cohort, method)
        return FillingMoments(mean=mean, variance=variance, least=least, most=most, **common)
    if isinstance(keep, Histogram):
        return _histogram(work, cohort, method, np.array(keep.edges), common)
    if settings["supply"] is not None:
        return _lumens(work, cohort, shape, common)
    claim("contents of vesicles", shape, item_bytes=4, fewer=_FEWER)
    if keep == "all":
        return FillingResult(molecules=_core.filling_all(work, cohort, method), **common)
    return _events(work, cohort, method, common)


def _mean(
    work: Work, cohort: _core.Cohort, *, supplied: bool, common: dict[str, Any]
) -> FillingMean:
    if not supplied:
        return FillingMean(mean=_core.filling_mean(work, cohort), **common)
    mean, ph, millivolt = np.ascontiguousarray(_core.filling_mean_lumen(work, cohort).T)
    return FillingMeanLumen(mean=mean, ph=ph, potential_mv=millivolt, **common)


def _histogram(
    work: Work, cohort: _core.Cohort, method: str, edges: FloatArray, common: dict[str, Any]
) -> FillingHistogram:
    counts = _core.filling_histogram(work, cohort, method, edges)
    return FillingHistogram(
        edges=edges,
        counts=np.ascontiguousarray(counts[:, 1:-1]),
        below=np.ascontiguousarray(counts[:, 0]),
        above=np.ascontiguousarray(counts[:, -1]),
        **common,
    )


def _lumens(
    work: Work, cohort: _core.Cohort, shape: tuple[int, int], common: dict[str, Any]
) -> FillingLumens:
    # The core's three numbers a read, and their copies: two of 8 bytes, one of 4.
    claim("lumens of vesicles", (*shape, 11), item_bytes=4, fewer=_FEWER)
    reads = _core.filling_lumens(work, cohort)
    return FillingLumens(
        molecules=reads[:, :, 0].astype(np.uint32),
        ph=reads[:, :, 1].copy(),
        potential_mv=reads[:, :, 2].copy(),
        **common,
    )


def _events(work: Work, cohort: _core.Cohort, method: str, common: dict[str, Any]) -> FillingEvents:
    events = _core.filling_event_counts(work, cohort)
    claim("events of vesicles", (int(events.sum()),), item_bytes=9, fewer="vesicles or times")
    event_time_s, change = _core.filling_events(work, cohort, events)
    return FillingEvents(
        molecules=_core.filling_all(work.quiet(), cohort, method),
        offsets=np.concatenate([[0], np.cumsum(events)]).astype(np.uint64),
        event_time_s=event_time_s,
        change=change,
        **common,
    )


def distribution(
    law: Vesicle | BirthDeath,
    *,
    active: float | Steps = 1.0,
    cytosol_umol_l: float | Steps | None = None,
    time_s: Any,
    start: int | str = 0,
    binding: str = "fast",
    residence_s: float | None = None,
    method: str = "auto",
    threads: int | None = None,
    progress: Progress = None,
    cancel: CancelToken | None = None,
) -> FillingDistribution:
    """Return the probability of every content: the law itself, without sampling noise.

    Parameters
    ----------
    law, active, cytosol_umol_l, time_s, start, binding, residence_s
        As for :func:`simulate`; all vesicles are alike and start alike.
    method : {"auto", "convolution", "uniformisation"}
        Linear laws with fast binding: the convolution of a binomial and a Poisson
        law. Any law: the master equation by uniformisation. ``auto`` takes the
        first where it holds. Both are exact to 1e-10 in total variation.
    threads, progress, cancel
        See :class:`vmatcore.work.Work`.

    Returns
    -------
    FillingDistribution

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.
    MemoryLimitError
        If the table would not fit.

    Notes
    -----
    Uniformisation: Jensen 1953, doi:10.1080/03461238.1953.10419459.

    Examples
    --------
    >>> import vmatcore as vm
    >>> law = distribution(vm.Vesicle(), active=0.2, time_s=[600])
    >>> bool(abs(law.probability.sum() - 1) < 1e-9), law.quantile(0.5).shape
    (True, (1,))
    """
    if method not in ("auto", "convolution", "uniformisation"):
        raise unknown("method", method, ("auto", "convolution", "uniformisation"))
    times = np.array(check.times("time_s", time_s))
    settings = request.settings_of(law, active, cytosol_umol_l, binding, residence_s)
    begin = request.start_of(start, 1)
    if not isinstance(begin, int | str):
        raise ParameterTypeError(f'`start` must be a number or "full", got {shown(start)}')
    if settings["supply"] is not None:
        raise ParameterError(
            "`law` must be a vesicle without a proton supply for a distribution, got "
            f"{shown(law)}: simulate many and keep a Histogram"
        )
    if settings["log_volume_sd"] or settings["copies_vary"]:
        raise ParameterError(
            "`law` must be a vesicle without spread for a distribution, got "
            f"{shown(law)}: simulate many and keep a Histogram"
        )
    work = Work.start(threads=threads, progress=progress, cancel=cancel)
    cohort = _core.Cohort(**settings, start=begin, time_s=times, seed=0, first=0, vesicles=1)
    free = available_bytes()
    most = 2**62 if free is None else free
    table = _core.filling_distribution(work, cohort, method, most)
    made = provenance(
        stage="filling",
        method=method,
        seed=0,
        law={"type": type(law).__name__} | asdict(law),
        active=active if isinstance(active, Steps) else float(active),
        cytosol_umol_l=cytosol_umol_l,
        binding=binding,
        residence_s=settings["residence_s"] if binding == "telegraph" else None,
        start=begin,
    )
    return FillingDistribution(time_s=times, probability=table, provenance=made)
