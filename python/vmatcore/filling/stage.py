"""The verbs of filling: simulate contents, or compute their law."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np

from vmatcore import _core, check, seeds
from vmatcore.errors import ParameterError, ParameterTypeError, shown, unknown
from vmatcore.filling.keep import Histogram, Moments
from vmatcore.filling.result import (
    FillingDistribution,
    FillingEvents,
    FillingHistogram,
    FillingMean,
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

_BINDINGS = ("fast", "telegraph", "irreversible")

#: Mean time in s that one drug molecule stays on one copy: assumed.
_RESIDENCE_S = 120.0

_MOST_VESICLES = 2**62
_MOST_START = 2**31
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
    times = _times(time_s)
    chosen = seeds.chosen(seed)
    settings = settings_of(law, active, cytosol_umol_l, binding, residence_s)
    begin = _start(start, count)
    offset = check.whole("first", first, minimum=0, maximum=2**64 - 1 - count)
    _check_keep(keep, method)
    work = Work.start(threads=threads, progress=progress, cancel=cancel, total=count)
    _check_method(law, method)
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
        return FillingMean(mean=_core.filling_mean(work, cohort), **common)
    if isinstance(keep, Moments):
        mean, variance, least, most = _core.filling_moments(work, cohort, method)
        return FillingMoments(mean=mean, variance=variance, least=least, most=most, **common)
    if isinstance(keep, Histogram):
        edges = np.array(keep.edges)
        counts = _core.filling_histogram(work, cohort, method, edges)
        return FillingHistogram(
            edges=edges,
            counts=np.ascontiguousarray(counts[:, 1:-1]),
            below=np.ascontiguousarray(counts[:, 0]),
            above=np.ascontiguousarray(counts[:, -1]),
            **common,
        )
    claim("contents of vesicles", shape, item_bytes=4, fewer=_FEWER)
    if keep == "all":
        return FillingResult(molecules=_core.filling_all(work, cohort, method), **common)
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
    times = _times(time_s)
    settings = settings_of(law, active, cytosol_umol_l, binding, residence_s)
    begin = _start(start, 1)
    if not isinstance(begin, int | str):
        raise ParameterTypeError(f'`start` must be a number or "full", got {shown(start)}')
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


def _times(time_s: Any) -> FloatArray:
    items = check.listed("time_s", time_s)
    times = np.array(
        [check.number(f"time_s[{i}]", item, minimum=0) for i, item in enumerate(items)]
    )
    back = np.flatnonzero(np.diff(times) < 0)
    if back.size:
        place = int(back[0]) + 1
        raise ParameterError(
            f"`time_s[{place}]` must not be before the time before it, got {times[place]!r}"
        )
    return times


def _start(start: Any, vesicles: int) -> Any:
    if isinstance(start, str):
        if start != "full":
            raise ParameterError(f'`start` must be a number or "full", got {shown(start)}')
        return start
    if not hasattr(start, "__len__") or getattr(start, "shape", None) == ():
        return check.whole("start", start, minimum=0, maximum=_MOST_START)
    items = np.asarray(start)
    if items.ndim != 1 or (items.dtype.kind not in "iu" and items.size):
        raise ParameterTypeError(f"`start` must hold whole numbers, got {shown(start)}")
    if len(items) != vesicles:
        raise ParameterError(
            f"`start` must hold one number for each of {vesicles} vesicles, got {len(items)}"
        )
    wrong = np.flatnonzero((items < 0) | (items > _MOST_START))
    if wrong.size:
        place = int(wrong[0])
        raise ParameterError(
            f"`start[{place}]` must be in [0, {_MOST_START}], got {items[place]!r}"
        )
    return np.ascontiguousarray(items, dtype=np.uint32)


def _check_keep(keep: Any, method: str) -> None:
    if isinstance(keep, str):
        if keep not in ("all", "events"):
            raise ParameterError(
                f'`keep` must be "all", "events", Moments() or Histogram(...), got {shown(keep)}'
            )
        if keep == "events" and method != "ssa":
            raise ParameterError(f'`keep="events"` must go with method="ssa", got {shown(method)}')
    elif not isinstance(keep, Moments | Histogram):
        raise ParameterTypeError(
            f'`keep` must be "all", "events", Moments() or Histogram(...), got {shown(keep)}'
        )
    elif method == "mean":
        raise ParameterError(f'`keep` must be left out with method="mean", got {shown(keep)}')


def _check_method(law: Vesicle | BirthDeath, method: str) -> None:
    if method == "closed_form" and isinstance(law, Vesicle) and not law.is_linear:
        raise ParameterError(
            '`method` must be "ssa" or "mean" for a vesicle with lumenal saturation (or use '
            'filling.distribution): its content has no closed form, got "closed_form"'
        )


def settings_of(
    law: Any, active: Any, cytosol_umol_l: Any, binding: Any, residence_s: Any
) -> dict[str, Any]:
    """Return the part of a cohort that the law and its drives decide."""
    if not isinstance(law, Vesicle | BirthDeath):
        raise ParameterTypeError(f"`law` must be a Vesicle or a BirthDeath, got {shown(law)}")
    if binding not in _BINDINGS:
        raise unknown("binding", binding, _BINDINGS)
    if residence_s is None:
        residence_s = _RESIDENCE_S
    elif binding != "telegraph":
        raise ParameterError(
            f'`residence_s` must go with binding="telegraph", got {shown(residence_s)}'
        )
    residence = check.number("residence_s", residence_s, minimum=1e-6, maximum=1e12)
    share = Steps.of("active", active, maximum=1.0)
    common = {"binding": binding, "residence_s": residence}
    if isinstance(law, BirthDeath):
        if cytosol_umol_l is not None:
            raise ParameterError(
                f"`cytosol_umol_l` must be left out for a BirthDeath, got {shown(cytosol_umol_l)}"
            )
        if binding != "fast":
            raise ParameterError(
                f'`binding` must be "fast" for a BirthDeath, which has no copies, '
                f"got {shown(binding)}"
            )
        ends, (values,) = Steps.merged(share)
        none = np.zeros_like(values)
        return common | {
            "copies": 1.0,
            "leak_per_s": law.death_per_s,
            "capacity": law.capacity,
            "until_s": ends,
            "active": values,
            "influx_per_s": np.full_like(values, law.birth_per_s),
            "efflux_per_s": none,
            "crowding": none,
            "log_volume_sd": 0.0,
            "copies_vary": False,
        }
    own = law.cytosol_umol_l if cytosol_umol_l is None else cytosol_umol_l
    ends, (values, cytosol) = Steps.merged(share, Steps.of("cytosol_umol_l", own, maximum=1e9))
    influx, efflux, crowding = law.per_copy(cytosol)
    return common | {
        "copies": law.transporters,
        "leak_per_s": law.leak_per_s(),
        "capacity": None,
        "until_s": ends,
        "active": values,
        "influx_per_s": influx,
        "efflux_per_s": efflux,
        "crowding": crowding,
        "log_volume_sd": _log_sd(law.volume_cv),
        "copies_vary": law.transporters_vary,
    }


def _log_sd(cv: float) -> float:
    """Return the standard deviation of the logarithm that gives a lognormal's CV."""
    logarithm = float(_core.math_ln(np.array([1.0 + cv * cv]))[0])
    return math.sqrt(logarithm)
