"""The verb of signal: from released molecules to amine and receptors."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import _core, check
from vmatcore.errors import ParameterError, ParameterTypeError, shown, unknown
from vmatcore.release.result import (
    ReleaseMean,
    ReleaseMeanRows,
    ReleaseMoments,
    ReleaseResult,
    ReleaseRows,
)
from vmatcore.result import provenance
from vmatcore.signal.region import Region
from vmatcore.signal.result import SignalResult
from vmatcore.work import CancelToken, Work, claim

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["simulate"]

Released = ReleaseResult | ReleaseRows | ReleaseMean | ReleaseMoments
Progress = bool | Callable[[int], Any] | None

_MOST_STEPS = 10**9


def simulate(
    released: Released,
    region: Region,
    *,
    step_s: float = 0.01,
    start: str | float = "tonic",
    block: Mapping[str, float] | None = None,
    feedback: bool = True,
    threads: int | None = None,
    progress: Progress = None,
    cancel: CancelToken | None = None,
) -> SignalResult:
    """Return extracellular amine and receptor occupancies over time.

    The molecules of all synapses are averaged and spread over the tissue; within a
    step their release is constant. The autoreceptor changes how much of it appears,
    not the record of fused vesicles.

    Parameters
    ----------
    released : ReleaseResult, ReleaseRows, ReleaseMoments or ReleaseMean
        What :func:`vmatcore.release.simulate`, :func:`vmatcore.release.expected` or
        :func:`vmatcore.release.expected_rate` gave.
    region : Region
        Density, uptake, feedback, receptors.
    step_s : float
        Steps in s; amine is read at their ends.
    start : "tonic" or float
        Amine at 0 s: that without drug, or so many nmol/L. Receptors begin in
        balance with it.
    block : mapping of str to float, optional
        Sum of C_u/K_i of competing drugs at a receptor, such as ``{"D2": 0.3}``; its
        apparent EC50 grows by 1 + that sum.
    feedback : bool
        Whether the autoreceptor acts.
    threads, progress, cancel
        See :class:`vmatcore.work.Work`.

    Returns
    -------
    SignalResult

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule, or the mean release is at or above the
        largest uptake, so that there is no steady state.
    MemoryLimitError
        If the result would not fit.

    Examples
    --------
    >>> import vmatcore as vm
    >>> trains = vm.spikes.poisson(rate_hz=4, duration_s=30, synapses=2000, seed=1)
    >>> rel = vm.release.simulate(
    ...     vm.Synapse.dopamine(), trains, content=vm.FillingContent(vm.Vesicle()), seed=1
    ... )
    >>> sig = simulate(rel, vm.Region.dorsal_striatum())
    >>> bool(30 < sig.readouts(since_s=5).tonic < 40)
    True
    """
    if not isinstance(region, Region):
        raise ParameterTypeError(f"`region` must be a Region, got {shown(region)}")
    if not isinstance(released, Released):
        raise ParameterTypeError(
            f"`released` must be what release.simulate(...) gave, got {shown(released)}"
        )
    if not isinstance(feedback, bool):
        raise ParameterTypeError(f"`feedback` must be True or False, got {shown(feedback)}")
    step = check.number("step_s", step_s, minimum=1e-6, maximum=1e6)
    steps = math.ceil(released.duration_s / step - 1e-9)
    if steps == 0 and len(released.time_s):
        raise ParameterError(
            "`released` must last longer than 0 s, got spikes at 0 s alone: give the train a "
            "`duration_s`"
        )
    check.whole("number of steps", steps, minimum=0, maximum=_MOST_STEPS)
    blocks = _blocks(block, region)
    receptors = {
        name: receptor.blocked(blocks.get(name, 0.0)) for name, receptor in region.receptors.items()
    }
    claim("amine and occupancies", (steps, 3 + len(receptors)), fewer="steps")
    molecules = _per_step(released, step, steps)
    release = molecules * (region.release_nmol_l_s(1.0) / step)
    gain = region.gain if feedback else 0.0
    rest = region.rest_occupancy()
    mean = float(release.mean()) if steps else 0.0
    _check_steady(region, mean * (1.0 + gain * rest) / (1.0 + gain))
    amine = _start(start, region)
    begin = np.array([amine, *(receptor.occupancy(amine) for receptor in receptors.values())])
    work = Work.start(threads=threads, progress=progress, cancel=cancel)
    levels, bound = _core.signal_simulate(
        work,
        uptake_nmol_l_s=region.uptake_nmol_l_s,
        uptake_km_nmol_l=region.uptake_km_nmol_l,
        loss_per_s=region.loss_per_s,
        gain=gain,
        autoreceptor_nmol_l=region.autoreceptor_nmol_l,
        rest_occupancy=rest,
        ec50_nmol_l=np.array([one.ec50_nmol_l for one in receptors.values()], float),
        off_per_s=np.array([one.off_per_s for one in receptors.values()], float),
        step_s=step,
        release_nmol_l_s=release,
        begin=begin,
    )
    made = provenance(
        stage="signal",
        region=asdict(region),
        step_s=step,
        start=amine,
        block=blocks,
        feedback=feedback,
        released=released.provenance,
    )
    return SignalResult(
        time_s=np.arange(1, steps + 1, dtype=np.float64) * np.float64(step),
        amine_nmol_l=levels,
        occupancy={
            name: np.ascontiguousarray(bound[:, place]) for place, name in enumerate(receptors)
        },
        release_nmol_l_s=release,
        provenance=made,
    )


def _start(start: Any, region: Region) -> float:
    if isinstance(start, str):
        if start == "tonic":
            return region.tonic_nmol_l()
        raise ParameterError(f'`start` must be "tonic" or a number, got {shown(start)}')
    return check.number("start", start, minimum=0, maximum=1e12)


def _blocks(block: Any, region: Region) -> dict[str, float]:
    found = {}
    for name, value in check.mapping("block", {} if block is None else block).items():
        if name not in region.receptors:
            raise unknown("receptor", name, region.receptors, where="block")
        found[name] = check.number(f"block[{name!r}]", value, minimum=0, maximum=1e9)
    return found


def _check_steady(region: Region, release: float) -> None:
    if region.loss_per_s == 0.0 and release > 0.0 and release >= region.uptake_nmol_l_s:
        raise ParameterError(
            f"`released` must bring less than the largest uptake of {region.uptake_nmol_l_s:g} "
            f"nmol/L/s on average, got {release:g} nmol/L/s: there is no steady state"
        )


def _per_step(released: Released, step_s: float, steps: int) -> FloatArray:
    """Return the mean molecules of one synapse in each step."""
    if isinstance(released, ReleaseRows | ReleaseMeanRows):
        synapses = max(len(released.offsets) - 1, 1)
        molecules = released.molecules / synapses
    elif isinstance(released, ReleaseMoments):
        molecules = released.molecules_mean
    elif isinstance(released, ReleaseMean):
        molecules = released.molecules
    else:
        rows = released.molecules
        molecules = rows.mean(axis=0) if len(rows) else np.zeros(rows.shape[1])
    # A spike on the edge of a step belongs after it, also where rounding leaves it before.
    passed = released.time_s / step_s
    passed += 1e-9 + passed * 2.0**-51
    places = np.minimum(passed.astype(np.int64), max(steps - 1, 0))
    if steps == 0:
        return np.zeros(0)
    return np.bincount(places, weights=molecules, minlength=steps).astype(np.float64)
