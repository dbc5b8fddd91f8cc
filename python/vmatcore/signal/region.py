"""One region: how densely it is innervated, how it clears amine, what the amine acts on."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vmatcore import check
from vmatcore.errors import ParameterError, ParameterTypeError, shown, unknown
from vmatcore.signal.presets import DORSAL, NOREPINEPHRINE, RECEPTORS, SEROTONIN, VENTRAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vmatcore.drugs.quantity import Quantity

__all__ = ["Receptor", "Region"]

#: CODATA 2018.
_AVOGADRO_PER_NMOL = 6.02214076e14
_UM3_PER_L = 1e15
_PRESETS = {
    "dorsal_striatum": DORSAL,
    "ventral_striatum": VENTRAL,
    "serotonin": SEROTONIN,
    "norepinephrine": NOREPINEPHRINE,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Receptor:
    """A receptor that amine binds and leaves.

    Parameters
    ----------
    ec50_nmol_l : float
        Amine at half occupancy, in nmol/L.
    off_per_s : float
        Rate in 1/s at which bound amine leaves.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.

    Examples
    --------
    >>> Receptor(ec50_nmol_l=7.0, off_per_s=0.2).occupancy(7.0)
    0.5
    """

    ec50_nmol_l: float
    off_per_s: float

    def __post_init__(self) -> None:
        limits = {"ec50_nmol_l": (1e-6, 1e12), "off_per_s": (1e-9, 1e6)}
        for name, (low, high) in limits.items():
            value = check.number(name, getattr(self, name), minimum=low, maximum=high)
            object.__setattr__(self, name, value)

    def occupancy(self, amine_nmol_l: float) -> float:
        """Return the share of receptors that hold amine at a steady concentration in nmol/L."""
        return amine_nmol_l / (amine_nmol_l + self.ec50_nmol_l)

    def blocked(self, block: float) -> Receptor:
        """Return the receptor beside a competing drug of sum C_u/K_i.

        The drug comes and goes fast beside the amine, so the amine's apparent EC50
        grows by 1 + sum C_u/K_i.

        Examples
        --------
        >>> Receptor(ec50_nmol_l=7.0, off_per_s=0.2).blocked(1.0).ec50_nmol_l
        14.0
        """
        ratio = check.number("block", block, minimum=0, maximum=1e9)
        return Receptor(ec50_nmol_l=self.ec50_nmol_l * (1.0 + ratio), off_per_s=self.off_per_s)


def _dopamine_receptors() -> dict[str, Receptor]:
    return {
        name: Receptor(
            ec50_nmol_l=RECEPTORS[f"{key}_ec50_nmol_l"].value,
            off_per_s=RECEPTORS[f"{key}_off_per_s"].value,
        )
        for name, key in (("D1", "d1"), ("D2", "d2"))
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class Region:
    """A well-mixed piece of tissue.

    Parameters
    ----------
    density_per_um3 : float
        Varicosities (synapses) per cubic micrometre of tissue.
    volume_fraction : float
        Share of the tissue that is extracellular water.
    uptake_nmol_l_s, uptake_km_nmol_l : float
        Largest uptake in nmol/L/s, and the amine at half of it in nmol/L.
    loss_per_s : float
        Loss besides uptake, per s.
    gain : float
        Strength g of the autoreceptor, which multiplies release by
        (1 + g a0)/(1 + g a); 0 for none.
    autoreceptor_nmol_l : float
        Amine at half occupancy a of the autoreceptor, in nmol/L.
    tonic_molecules_per_s : float
        Release per varicosity and s without drug; it decides a0, so that the
        baseline is that of the region without feedback.
    receptors : mapping of str to Receptor
        What the amine acts on, at most 4.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule, or the tonic release is at or above the
        largest uptake.

    Examples
    --------
    >>> region = Region.dorsal_striatum()
    >>> round(region.tonic_nmol_l(), 1)
    35.3
    """

    density_per_um3: float
    volume_fraction: float
    uptake_nmol_l_s: float
    uptake_km_nmol_l: float
    loss_per_s: float = 0.0
    gain: float = 0.0
    autoreceptor_nmol_l: float = DORSAL["autoreceptor_nmol_l"].value
    tonic_molecules_per_s: float = 0.0
    receptors: Mapping[str, Receptor] = field(default_factory=_dopamine_receptors)

    def __post_init__(self) -> None:
        limits = {
            "density_per_um3": (0.0, 1e3),
            "volume_fraction": (1e-3, 1.0),
            "uptake_nmol_l_s": (0.0, 1e9),
            "uptake_km_nmol_l": (1e-6, 1e9),
            "loss_per_s": (0.0, 1e6),
            "gain": (0.0, 1e6),
            "autoreceptor_nmol_l": (1e-6, 1e9),
            "tonic_molecules_per_s": (0.0, 1e12),
        }
        for name, (low, high) in limits.items():
            value = check.number(name, getattr(self, name), minimum=low, maximum=high)
            object.__setattr__(self, name, value)
        receptors = check.mapping("receptors", self.receptors)
        for name, receptor in receptors.items():
            if not isinstance(receptor, Receptor):
                raise ParameterTypeError(
                    f"`receptors[{name!r}]` must be a Receptor, got {shown(receptor)}"
                )
        if len(receptors) > 4:
            raise ParameterError(f"`receptors` must be at most 4, got {len(receptors)}")
        object.__setattr__(self, "receptors", receptors)
        self.tonic_nmol_l()

    @staticmethod
    def dorsal_striatum() -> Region:
        """Return the dorsal, motor striatum."""
        return _preset("dorsal_striatum")

    @staticmethod
    def ventral_striatum() -> Region:
        """Return the ventral, limbic striatum: less uptake.

        Examples
        --------
        >>> Region.ventral_striatum().tonic_nmol_l() > Region.dorsal_striatum().tonic_nmol_l()
        True
        """
        return _preset("ventral_striatum")

    @staticmethod
    def serotonin() -> Region:
        """Return a serotonin region, without receptors; its release is assumed."""
        return _preset("serotonin")

    @staticmethod
    def norepinephrine() -> Region:
        """Return a norepinephrine region, without receptors; its release is assumed."""
        return _preset("norepinephrine")

    @staticmethod
    def sources(region: str = "dorsal_striatum") -> dict[str, Quantity]:
        """Return the constants of a preset with unit, source, status and spread.

        Examples
        --------
        >>> Region.sources("norepinephrine")["uptake_nmol_l_s"].status
        'derived'
        """
        if check.text("region", region) not in _PRESETS:
            raise unknown("region", region, _PRESETS)
        more = RECEPTORS if region.endswith("striatum") else {}
        return _PRESETS[region] | more

    def release_nmol_l_s(self, molecules_per_s: float) -> float:
        """Return what so many molecules per varicosity and s add to the amine, in nmol/L/s.

        Examples
        --------
        >>> round(Region.dorsal_striatum().release_nmol_l_s(720.0))
        592
        """
        rate = check.number("molecules_per_s", molecules_per_s, minimum=0)
        per_l = self.density_per_um3 * _UM3_PER_L / _AVOGADRO_PER_NMOL
        return rate * per_l / self.volume_fraction

    def tonic_nmol_l(self) -> float:
        """Return the amine without drug, in nmol/L."""
        return self._without_gain(self.release_nmol_l_s(self.tonic_molecules_per_s))

    def rest_occupancy(self) -> float:
        """Return the occupancy of the autoreceptor without drug."""
        tonic = self.tonic_nmol_l()
        return tonic / (tonic + self.autoreceptor_nmol_l)

    def steady_nmol_l(self, molecules_per_s: float, *, feedback: bool = True) -> float:
        """Return the amine under a steady release, in nmol/L: the mean field.

        Parameters
        ----------
        molecules_per_s : float
            Per varicosity and s, before the autoreceptor changes it.
        feedback : bool
            Whether the autoreceptor acts.

        Raises
        ------
        ParameterError
            If release is at or above the largest uptake, and there is no other loss.

        Notes
        -----
        Without gain and loss, C = Km r/(Vmax - r); with a loss a quadratic, with the
        gain a cubic.

        Examples
        --------
        >>> region = Region.dorsal_striatum()
        >>> round(region.steady_nmol_l(720.0) / region.tonic_nmol_l(), 9)
        1.0
        >>> region.steady_nmol_l(360.0) > 0.5 * region.tonic_nmol_l()
        True
        """
        release = self.release_nmol_l_s(molecules_per_s)
        if not feedback or self.gain == 0.0 or release == 0.0:
            return self._without_gain(release)
        # At C nothing is released that the autoreceptor forbids, so C lies below the steady
        # state of the largest release, if there is one.
        most = release * (1.0 + self.gain * self.rest_occupancy())
        least = most / (1.0 + self.gain)
        self._refuse(least)
        return self._root(most)

    def _root(self, most: float) -> float:
        """Solve the cubic most (C + K)/(C + K + g C) = Vmax C/(Km + C) + k C for its one root."""
        vmax, km, loss = self.uptake_nmol_l_s, self.uptake_km_nmol_l, self.loss_per_s
        half, gain = self.autoreceptor_nmol_l, 1.0 + self.gain

        def excess(amine: float) -> float:
            released = most * (amine + half) * (km + amine)
            return released - amine * (vmax + loss * (km + amine)) * (half + gain * amine)

        low, high = 0.0, 1.0
        while excess(high) > 0.0 and high < 1e300:
            low, high = high, 2.0 * high
        for _ in range(200):
            middle = 0.5 * (low + high)
            if middle in (low, high):
                break
            if excess(middle) > 0.0:
                low = middle
            else:
                high = middle
        return 0.5 * (low + high)

    def _refuse(self, release: float) -> None:
        if self.loss_per_s == 0.0 and release >= self.uptake_nmol_l_s and release > 0.0:
            raise ParameterError(
                f"`release` must be below the largest uptake of {self.uptake_nmol_l_s:g} nmol/L/s "
                f"for a steady state, got {release:g} nmol/L/s"
            )

    def _without_gain(self, release: float) -> float:
        """Solve release = Vmax C/(Km + C) + k C without cancellation."""
        self._refuse(release)
        if release == 0.0:
            return 0.0
        # k C^2 + (Vmax + k Km - r) C - r Km = 0
        linear = self.uptake_nmol_l_s + self.loss_per_s * self.uptake_km_nmol_l - release
        constant = release * self.uptake_km_nmol_l
        root = math.sqrt(linear * linear + 4.0 * self.loss_per_s * constant)
        if linear > 0.0:
            return 2.0 * constant / (linear + root)
        return (root - linear) / (2.0 * self.loss_per_s)


def _preset(name: str) -> Region:
    values = {key: quantity.value for key, quantity in _PRESETS[name].items()}
    receptors = _dopamine_receptors() if name.endswith("striatum") else {}
    return Region(**values, receptors=receptors)
