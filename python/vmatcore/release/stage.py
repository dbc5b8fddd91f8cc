"""The verbs of release: simulate synapses, or compute their means."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np

from vmatcore import _core, check, seeds
from vmatcore.errors import ParameterError, ParameterTypeError, shown
from vmatcore.filling.keep import Histogram, Moments
from vmatcore.release.content import ConstantQuantum, FillingContent, LognormalQuantum
from vmatcore.release.mean_field import contents, ready_share
from vmatcore.release.result import (
    ReleaseFusions,
    ReleaseHistogram,
    ReleaseMean,
    ReleaseMeanRows,
    ReleaseMoments,
    ReleaseResult,
    ReleaseRowFusions,
    ReleaseRows,
)
from vmatcore.release.synapse import Synapse
from vmatcore.result import provenance
from vmatcore.spikes import SpikeTrain, SpikeTrains
from vmatcore.work import CancelToken, Work, claim

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["expected", "simulate"]

_MOST_SYNAPSES = 2**40
_FEWER = "synapses or spikes, or keep Moments() or Histogram()"

Content = ConstantQuantum | LognormalQuantum | FillingContent
Progress = bool | Callable[[int], Any] | None

#: One molecule in each vesicle: amplitudes are then quanta.
_ONE = ConstantQuantum(molecules=1.0)


@overload
def simulate(
    synapse: Synapse,
    train: SpikeTrain,
    *,
    content: Content = ...,
    synapses: int | None = ...,
    seed: int | None = ...,
    first: int = ...,
    keep: Literal["all"] = ...,
    threads: int | None = ...,
    progress: Progress = ...,
    cancel: CancelToken | None = ...,
) -> ReleaseResult: ...
@overload
def simulate(
    synapse: Synapse,
    train: SpikeTrain,
    *,
    content: Content = ...,
    synapses: int | None = ...,
    seed: int | None = ...,
    first: int = ...,
    keep: str | Moments | Histogram = ...,
    threads: int | None = ...,
    progress: Progress = ...,
    cancel: CancelToken | None = ...,
) -> Any: ...
def simulate(
    synapse: Synapse,
    train: SpikeTrain,
    *,
    content: Content = _ONE,
    synapses: int | None = None,
    seed: int | None = None,
    first: int = 0,
    keep: str | Moments | Histogram = "all",
    threads: int | None = None,
    progress: Progress = None,
    cancel: CancelToken | None = None,
) -> Any:
    """Return which vesicles fuse at each spike, and how many molecules they release.

    Each synapse depends on the seed and its own number alone. Counts have a random
    stream of their own, so they are the same whatever the vesicles hold: arms of one
    seed are paired.

    Parameters
    ----------
    synapse : Synapse
        Sites, chance to release, time to refill.
    train : SpikeTrain or SpikeTrains
        Spikes that all synapses share, or a train for each.
    content : ConstantQuantum, LognormalQuantum or FillingContent
        What a vesicle holds; by default 1, so that molecules are quanta.
    synapses : int, optional
        How many; 1000, or as many as there are trains.
    seed : int, optional
        From 0 to 2^64 - 1; by default one is drawn and recorded.
    first : int
        Number of the first synapse: rows of one seed can be made in parts.
    keep : "all", "fusions", Moments or Histogram
        What is kept: quanta and molecules; what every fused vesicle held, too; or
        a summary, whose memory does not grow with the synapses: moments at each
        spike, or counts of fused vesicles by their molecules. A summary needs a train
        that all synapses share.
    threads, progress, cancel
        See :class:`vmatcore.work.Work`.

    Returns
    -------
    ReleaseResult
        With ``quanta`` and ``molecules`` (synapse, spike); ReleaseRows where each
        synapse has its own train; or ReleaseFusions, ReleaseRowFusions, ReleaseMoments,
        ReleaseHistogram, as ``keep`` says.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.
    MemoryLimitError
        If the result would not fit.

    Notes
    -----
    Sites are independent: Vere-Jones 1966, doi:10.1111/j.1467-842X.1966.tb00164.x.

    Examples
    --------
    >>> import vmatcore as vm
    >>> train = vm.spikes.regular(rate_hz=5, duration_s=60)
    >>> rel = simulate(
    ...     vm.Synapse(sites=20, probability=0.06),
    ...     train,
    ...     content=vm.LognormalQuantum(molecules=3000, cv=0.3),
    ...     synapses=100,
    ...     seed=5,
    ... )
    >>> rel
    ReleaseResult
      time_s (spike 300), s
      quanta (synapse 100, spike 300), quanta
      molecules (synapse 100, spike 300), molecules
    """
    _check_parts(synapse, train, content)
    count = _count(train, synapses)
    chosen = seeds.chosen(seed)
    offset = check.whole("first", first, minimum=0, maximum=2**64 - 1 - count)
    own = isinstance(train, SpikeTrains)
    _check_keep(keep, own)
    work = Work.start(threads=threads, progress=progress, cancel=cancel, total=count)
    experiment = _core.ReleaseExperiment(
        sites=synapse.sites,
        probability=synapse.probability,
        refill_s=synapse.refill_s,
        active_share=synapse.active_share,
        time_s=train.time_s,
        offsets=train.offsets if isinstance(train, SpikeTrains) else None,
        content=_core_content(content, synapse),
        seed=chosen,
        first=offset,
        synapses=count,
    )
    made = provenance(
        stage="release",
        seed=chosen,
        first=offset,
        synapses=count,
        synapse=asdict(synapse),
        content=content_record(content),
        train=train.provenance,
    )
    spikes = len(train.time_s)
    working = _working_bytes(synapse, train, count, work.threads)
    common: dict[str, Any] = {
        "time_s": train.time_s,
        "duration_s": train.duration_s,
        "provenance": made,
    }
    if isinstance(keep, Moments | Histogram):
        places = spikes * (8 if isinstance(keep, Moments) else len(keep.edges) + 1)
        claim("sums over synapses", (work.threads + 1, places), working=working, fewer="spikes")
    if isinstance(keep, Moments):
        quanta, quanta_spread, molecules, spread, failures = _core.release_moments(work, experiment)
        return ReleaseMoments(
            quanta_mean=quanta,
            quanta_variance=quanta_spread,
            molecules_mean=molecules,
            molecules_variance=spread,
            failures=failures,
            **common,
        )
    if isinstance(keep, Histogram):
        edges = np.array(keep.edges)
        bins = _core.release_histogram(work, experiment, edges)
        return ReleaseHistogram(
            edges=edges,
            counts=np.ascontiguousarray(bins[:, 1:-1]),
            below=np.ascontiguousarray(bins[:, 0]),
            above=np.ascontiguousarray(bins[:, -1]),
            **common,
        )
    shape = (spikes,) if own else (count, spikes)
    # A row of the list of synapses takes 32 bytes.
    working += 32 * count
    claim("quanta and molecules", shape, item_bytes=12, working=working, fewer=_FEWER)
    counts, totals = _core.release_all(work, experiment, math.prod(shape))
    sizes: dict[str, Any] = {}
    if keep == "fusions":
        claim("fused vesicles", (int(counts.sum(dtype=np.uint64)),), fewer=_FEWER)
        sizes["fusion_molecules"] = _core.release_fusions(work.quiet(), experiment, counts)
    if isinstance(train, SpikeTrains):
        rows: Any = ReleaseRowFusions if sizes else ReleaseRows
        return rows(offsets=train.offsets, quanta=counts, molecules=totals, **sizes, **common)
    table: Any = ReleaseFusions if sizes else ReleaseResult
    return table(quanta=counts.reshape(shape), molecules=totals.reshape(shape), **sizes, **common)


def expected(synapse: Synapse, train: SpikeTrain, *, content: Content = _ONE) -> ReleaseMean:
    """Return the expected quanta and molecules of one synapse at every spike.

    Exact for constant and lognormal quanta. For :class:`FillingContent` the pool is
    taken at its mean size, which is exact as it grows: at 50 vesicles for each of five
    sites the error is below 2 in 1,000, for a single site it is about 5 in 1,000. The
    cost grows with the spikes.

    Parameters
    ----------
    synapse, content
        As for :func:`simulate`; a FillingContent must be without spread and with
        fast binding.
    train : SpikeTrain or SpikeTrains
        Spikes that all synapses share, or a train for each.

    Returns
    -------
    ReleaseMean
        Silent synapses included; ReleaseMeanRows where each synapse has its own train.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.

    Examples
    --------
    >>> import vmatcore as vm
    >>> mean = expected(vm.Synapse(sites=20, probability=0.06), vm.spikes.from_times([0.0, 0.2]))
    >>> mean.quanta.round(4).tolist()
    [1.2, 1.1315]
    """
    _check_parts(synapse, train, content)
    offsets = train.offsets if isinstance(train, SpikeTrains) else None
    claim("expected release", *[(len(train.time_s),)] * 12, fewer="spikes")
    ready = ready_share(synapse, train.time_s, offsets)
    quanta = synapse.active_share * synapse.sites * synapse.probability * ready
    if isinstance(content, FillingContent):
        molecules = quanta * contents(content, synapse, train.time_s, ready, offsets)
    else:
        molecules = quanta * content.molecules
    made = provenance(
        stage="release",
        kind="expected",
        seed=0,
        synapse=asdict(synapse),
        content=content_record(content),
        train=train.provenance,
    )
    common: dict[str, Any] = {
        "time_s": train.time_s,
        "duration_s": train.duration_s,
        "quanta": quanta,
        "molecules": molecules,
        "provenance": made,
    }
    if offsets is None:
        return ReleaseMean(**common)
    return ReleaseMeanRows(offsets=offsets, **common)


def content_record(content: Content) -> dict[str, Any]:
    """Return a content as plain values, for the record of a result."""
    return {"type": type(content).__name__} | asdict(content)


def _core_content(content: Content, synapse: Synapse) -> _core.ReleaseContent:
    if isinstance(content, ConstantQuantum):
        return _core.ReleaseContent.constant(content.molecules)
    if isinstance(content, LognormalQuantum):
        logarithms = _core.math_ln(np.array([content.molecules, 1.0 + content.cv * content.cv]))
        variance = float(logarithms[1])
        return _core.ReleaseContent.lognormal(
            float(logarithms[0]) - 0.5 * variance, math.sqrt(variance)
        )
    assert content.start is not None
    return _core.ReleaseContent.filling(
        **content.settings(), start=content.start, pool_per_site=synapse.pool_per_site
    )


def _working_bytes(synapse: Synapse, train: SpikeTrain, count: int, threads: int) -> int:
    """Return about how many bytes the threads need for the quanta of single synapses."""
    spikes = len(train.time_s)
    if isinstance(train, SpikeTrains):
        spikes = int(np.diff(train.offsets).max()) if train.synapses else 0
    # A site cannot release more often than it is filled.
    filled = 1.0 + train.duration_s / synapse.refill_s
    quanta = synapse.sites * min(synapse.probability * spikes, filled)
    return int(min(threads, count) * (64.0 * quanta + 16 * 16.0 * spikes))


def _check_parts(synapse: Any, train: Any, content: Any) -> None:
    if not isinstance(synapse, Synapse):
        raise ParameterTypeError(f"`synapse` must be a Synapse, got {shown(synapse)}")
    if not isinstance(train, SpikeTrain):
        raise ParameterTypeError(
            f"`train` must be a SpikeTrain, such as spikes.regular(...), got {shown(train)}"
        )
    if not isinstance(content, Content):
        raise ParameterTypeError(
            "`content` must be a ConstantQuantum, a LognormalQuantum or a FillingContent, "
            f"got {shown(content)}"
        )


def _count(train: SpikeTrain, synapses: Any) -> int:
    if isinstance(train, SpikeTrains):
        if synapses is None:
            return train.synapses
        count = check.whole("synapses", synapses, minimum=0, maximum=_MOST_SYNAPSES)
        if count != train.synapses:
            raise ParameterError(
                f"`synapses` must be the number of trains, {train.synapses}, or left out, "
                f"got {count}"
            )
        return count
    if synapses is None:
        return 1000
    return check.whole("synapses", synapses, minimum=0, maximum=_MOST_SYNAPSES)


def _check_keep(keep: Any, own: bool) -> None:
    words = '"all", "fusions", Moments() or Histogram(...)'
    if isinstance(keep, str):
        if keep not in ("all", "fusions"):
            raise ParameterError(f"`keep` must be {words}, got {shown(keep)}")
    elif not isinstance(keep, Moments | Histogram):
        raise ParameterTypeError(f"`keep` must be {words}, got {shown(keep)}")
    if own and not isinstance(keep, str):
        raise ParameterError(
            '`keep` must be "all" or "fusions" where each synapse has a train of its own, '
            f"got {shown(keep)}"
        )
