"""What signal returns: amine and occupancies, and what is read from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import check
from vmatcore.errors import ParameterTypeError, shown, unknown
from vmatcore.result import Result, labelled

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["Readouts", "SignalResult"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Readouts:
    """Levels of one run, or such levels relative to a baseline.

    Attributes
    ----------
    tonic : float
        Median amine, in nmol/L or relative. Where all synapses fire at once it is
        that between the spikes.
    burst_peak : float
        Largest amine.
    pause_depth : float
        How far the smallest amine lies below the tonic one.
    d1_burst : float
        Largest occupancy of D1; NaN without such a receptor.
    d2_mean : float
        Mean occupancy of D2; NaN without such a receptor.
    """

    tonic: float
    burst_peak: float
    pause_depth: float
    d1_burst: float
    d2_mean: float


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SignalResult(Result):
    """Amine and receptor occupancies of one region.

    Attributes
    ----------
    time_s : ndarray (time,)
        Ends of the steps, in s.
    amine_nmol_l : ndarray (time,)
        Extracellular amine in nmol/L.
    occupancy : dict of ndarray (time,)
        Share of each receptor that holds amine.
    release_nmol_l_s : ndarray (time,)
        Release in the step that ends at the time, before the autoreceptor changes it.
    provenance : dict
        Versions and every parameter.
    """

    time_s: FloatArray = labelled("time", unit="s")
    amine_nmol_l: FloatArray = labelled("time", unit="nmol/L")
    occupancy: dict[str, FloatArray] = labelled("time", unit="fraction")
    release_nmol_l_s: FloatArray = labelled("time", unit="nmol/L/s")
    provenance: dict[str, Any]

    def readouts(self, *, since_s: float = 0.0) -> Readouts:
        """Return tonic level, burst peak, pause depth and occupancies from some time on.

        Parameters
        ----------
        since_s : float
            Reads before this time in s are left out; NaN where none are left.

        Raises
        ------
        ParameterError, ParameterTypeError
            If the time is negative or no number.

        Examples
        --------
        >>> import vmatcore as vm
        >>> trains = vm.spikes.tonic_burst(duration_s=20, synapses=2000, seed=1)
        >>> rel = vm.release.simulate(
        ...     vm.Synapse.dopamine(), trains, content=vm.ConstantQuantum(molecules=3000), seed=1
        ... )
        >>> read = vm.signal.simulate(rel, vm.Region.dorsal_striatum()).readouts(since_s=2)
        >>> read.burst_peak > read.tonic > read.pause_depth > 0
        True
        """
        part = self.time_s >= check.number("since_s", since_s, minimum=0)
        if not part.any():
            nothing = float("nan")
            return Readouts(
                tonic=nothing,
                burst_peak=nothing,
                pause_depth=nothing,
                d1_burst=nothing,
                d2_mean=nothing,
            )
        amine = self.amine_nmol_l[part]
        tonic = float(np.median(amine))
        first, second = (self.occupancy.get(name) for name in ("D1", "D2"))
        return Readouts(
            tonic=tonic,
            burst_peak=float(amine.max()),
            pause_depth=tonic - float(amine.min()),
            d1_burst=float("nan") if first is None else float(first[part].max()),
            d2_mean=float("nan") if second is None else float(second[part].mean()),
        )

    def relative_to(self, baseline: SignalResult, *, since_s: float = 0.0) -> Readouts:
        """Return the readouts of this run over those of a baseline.

        Examples
        --------
        >>> import vmatcore as vm
        >>> train = vm.spikes.regular(rate_hz=4, duration_s=20)
        >>> region = vm.Region.dorsal_striatum()
        >>> runs = [
        ...     vm.signal.simulate(
        ...         vm.release.expected(
        ...             vm.Synapse.dopamine(), train, content=vm.ConstantQuantum(molecules=size)
        ...         ),
        ...         region,
        ...     )
        ...     for size in (3000, 1500)
        ... ]
        >>> bool(0.4 < runs[1].relative_to(runs[0], since_s=5).tonic < 0.6)
        True
        """
        if not isinstance(baseline, SignalResult):
            raise ParameterTypeError(f"`baseline` must be a SignalResult, got {shown(baseline)}")
        mine, other = self.readouts(since_s=since_s), baseline.readouts(since_s=since_s)
        ratios = {}
        for name in ("tonic", "burst_peak", "pause_depth", "d1_burst", "d2_mean"):
            below = getattr(other, name)
            ratios[name] = getattr(mine, name) / below if below else float("nan")
        return Readouts(**ratios)

    def of(self, receptor: str) -> FloatArray:
        """Return the occupancy of one receptor, (time,)."""
        if receptor not in self.occupancy:
            raise unknown("receptor", receptor, self.occupancy)
        return self.occupancy[receptor]
