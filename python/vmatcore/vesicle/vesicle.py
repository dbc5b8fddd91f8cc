"""One kind of vesicle, and the law by which VMAT2 fills it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import check
from vmatcore.arithmetic import LN_2, power
from vmatcore.drugs.quantity import Quantity
from vmatcore.errors import ParameterError, ParameterTypeError, shown
from vmatcore.vesicle.constants import AVOGADRO_PER_MOL, FARADAY_C_PER_MOL, GAS_J_PER_MOL_K
from vmatcore.vesicle.law import BirthDeath
from vmatcore.vesicle.presets import DOPAMINE, NOREPINEPHRINE, SEROTONIN
from vmatcore.vesicle.protons import ProtonSupply

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["Vesicle"]

_E = 2.718281828459045


def _default(name: str) -> float:
    return DOPAMINE[name].value


@dataclass(frozen=True, kw_only=True, slots=True)
class Vesicle:
    """A vesicle with reversible VMAT2 copies and a leak; the defaults hold dopamine.

    Parameters
    ----------
    diameter_nm : float, optional
        Diameter in nm; 40 if no volume is given either.
    volume_l : float, optional
        Volume in L, instead of the diameter.
    transporters : float
        Copies of VMAT2.
    kcat_per_s : float
        Molecules that one copy moves per s at most.
    km_umol_l : float
        Cytosolic amine at half of that, in umol/L.
    cytosol_umol_l : float
        Cytosolic amine in umol/L.
    ph_cytosol, ph_lumen : float
        pH outside and inside.
    potential_mv : float
        Inside minus outside, in mV.
    protons_per_amine : int
        Protons that leave for each amine that enters: 2, or 1 to see what the
        simpler exchange could do.
    leak_half_time_s : float
        Time in s in which half of the content leaks out; ``math.inf`` for none.
    temperature_k : float
        Temperature in K.
    lumen_km_mmol_l : float, optional
        Lumenal amine in mmol/L that slows the carrier by its own half-saturation.
        The law is then no longer linear.
    proton_supply : ProtonSupply, optional
        Makes pH and potential of the lumen states that filling spends, instead of
        ``ph_lumen`` and ``potential_mv``. The law is then no longer linear.
    volume_cv : float
        Coefficient of variation of the volume between vesicles (lognormal); the
        mean is kept. Copies grow with the area, the leak with 1/diameter.
    transporters_vary : bool
        Whether copies differ between vesicles by the Poisson law; otherwise their
        number is the nearest whole one.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.

    Notes
    -----
    A molecule enters with f n kcat x / (1 + x), x = c/Km, and each one leaves with
    f n kcat / [Km R N_A V (1 + x)] + ln 2 / half-time, where f is the share of copies
    that work. So both directions balance at the ceiling R of the proton gradient.
    With lumenal saturation, 1 + x is 1 + x + s/Km_lumen. See
    :meth:`sources` for where the defaults come from.

    Examples
    --------
    >>> vesicle = Vesicle()
    >>> round(vesicle.content()), round(vesicle.refill_s())
    (2997, 229)
    >>> [round(vesicle.content(active) / vesicle.content(), 2) for active in (0.5, 0.2, 0.1)]
    [0.74, 0.41, 0.24]
    """

    diameter_nm: float | None = None
    volume_l: float | None = None
    transporters: float = _default("transporters")
    kcat_per_s: float = _default("kcat_per_s")
    km_umol_l: float = _default("km_umol_l")
    cytosol_umol_l: float = _default("cytosol_umol_l")
    ph_cytosol: float = _default("ph_cytosol")
    ph_lumen: float = _default("ph_lumen")
    potential_mv: float = _default("potential_mv")
    protons_per_amine: int = int(_default("protons_per_amine"))
    leak_half_time_s: float = _default("leak_half_time_s")
    temperature_k: float = _default("temperature_k")
    lumen_km_mmol_l: float | None = None
    proton_supply: ProtonSupply | None = None
    volume_cv: float = 0.0
    transporters_vary: bool = False

    def __post_init__(self) -> None:
        limits: dict[str, dict[str, Any]] = {
            "transporters": {"minimum": 0, "maximum": 1e6},
            "kcat_per_s": {"minimum": 0, "maximum": 1e6},
            "km_umol_l": {"minimum": 1e-9, "maximum": 1e9},
            "cytosol_umol_l": {"minimum": 0, "maximum": 1e9},
            "ph_cytosol": {"minimum": 0, "maximum": 14},
            "ph_lumen": {"minimum": 0, "maximum": 14},
            "potential_mv": {"minimum": -1000, "maximum": 1000},
            "temperature_k": {"minimum": 250, "maximum": 350},
            "volume_cv": {"minimum": 0, "maximum": 2},
        }
        for name, limit in limits.items():
            object.__setattr__(self, name, check.number(name, getattr(self, name), **limit))
        protons = check.whole("protons_per_amine", self.protons_per_amine, minimum=1, maximum=2)
        object.__setattr__(self, "protons_per_amine", protons)
        if self.leak_half_time_s != math.inf:
            half = check.number("leak_half_time_s", self.leak_half_time_s, minimum=1e-6)
            object.__setattr__(self, "leak_half_time_s", half)
        check.flag("transporters_vary", self.transporters_vary)
        if self.lumen_km_mmol_l is not None:
            km = check.number("lumen_km_mmol_l", self.lumen_km_mmol_l, minimum=1e-9, maximum=1e9)
            object.__setattr__(self, "lumen_km_mmol_l", km)
        self._check_supply()
        self._check_size()

    def _check_supply(self) -> None:
        if self.proton_supply is None:
            return
        if not isinstance(self.proton_supply, ProtonSupply):
            raise ParameterTypeError(
                f"`proton_supply` must be a ProtonSupply, got {shown(self.proton_supply)}"
            )
        if self.lumen_km_mmol_l is not None:
            raise ParameterError(
                "`lumen_km_mmol_l` must be left out with a proton supply, whose exit saturates by "
                f"itself, got {self.lumen_km_mmol_l!r}"
            )

    def _check_size(self) -> None:
        if self.diameter_nm is not None and self.volume_l is not None:
            raise ParameterError(
                f"`volume_l` must be left out where `diameter_nm` is given, got {self.volume_l!r}"
            )
        if self.volume_l is not None:
            volume = check.number("volume_l", self.volume_l, minimum=1e-24, maximum=1e-12)
            object.__setattr__(self, "volume_l", volume)
            return
        given = _default("diameter_nm") if self.diameter_nm is None else self.diameter_nm
        diameter = check.number("diameter_nm", given, minimum=1, maximum=1e5)
        object.__setattr__(self, "diameter_nm", diameter)

    @staticmethod
    def dopamine() -> Vesicle:
        """Return a dopamine vesicle: the defaults."""
        return _preset(DOPAMINE)

    @staticmethod
    def serotonin() -> Vesicle:
        """Return a serotonin vesicle: its own Km and cytosol, the rest as for dopamine."""
        return _preset(SEROTONIN)

    @staticmethod
    def norepinephrine() -> Vesicle:
        """Return a norepinephrine vesicle: its own Km, the rest as for dopamine."""
        return _preset(NOREPINEPHRINE)

    @staticmethod
    def sources(amine: str = "dopamine") -> dict[str, Quantity]:
        """Return the constants of a preset with unit, source, status and spread.

        Examples
        --------
        >>> Vesicle.sources("serotonin")["km_umol_l"].status
        'recalled'
        """
        presets = {
            "dopamine": DOPAMINE,
            "serotonin": SEROTONIN,
            "norepinephrine": NOREPINEPHRINE,
        }
        if check.text("amine", amine) not in presets:
            known = ", ".join(presets)
            raise ParameterError(f"`amine` must be one of {known}, got {shown(amine)}")
        return dict(presets[amine])

    @property
    def is_linear(self) -> bool:
        """Whether entry does not depend on the content, so that closed forms exist."""
        return self.lumen_km_mmol_l is None and self.proton_supply is None

    def _refuse_supply(self, what: str) -> None:
        if self.proton_supply is not None:
            raise ParameterError(
                f"`{what}` must be asked of a vesicle without a proton supply, got "
                f'{shown(self.proton_supply)}: use filling.simulate(..., method="mean")'
            )

    def litres(self) -> float:
        """Return the volume in L."""
        if self.volume_l is not None:
            return self.volume_l
        assert self.diameter_nm is not None
        return math.pi / 6.0 * self.diameter_nm * self.diameter_nm * self.diameter_nm * 1e-24

    def molecules_per_umol_l(self) -> float:
        """Return how many molecules make 1 umol/L in this volume."""
        return AVOGADRO_PER_MOL * self.litres() * 1e-6

    def ceiling(self) -> float:
        """Return the ratio of lumenal to cytosolic amine that the proton gradient can hold.

        ln R = n ln 10 (pH_out - pH_in) + (n - 1) F psi/(R T), n protons per amine.

        Examples
        --------
        >>> f"{Vesicle().ceiling():.3g}", round(Vesicle(protons_per_amine=1).ceiling())
        ('8.66e+04', 79)
        """
        protons = self.protons_per_amine
        volts = self.potential_mv / 1000.0
        unit = GAS_J_PER_MOL_K * self.temperature_k / FARADAY_C_PER_MOL
        decades = power(10.0, protons * (self.ph_cytosol - self.ph_lumen))
        return decades * power(_E, (protons - 1) * volts / unit)

    def ceiling_molecules(self) -> float:
        """Return the molecules inside at the ceiling: what a vesicle without leak nears."""
        return self.ceiling() * self.cytosol_umol_l * self.molecules_per_umol_l()

    def law(self, active: float = 1.0) -> BirthDeath:
        """Return the bare process at a constant share of working transporters.

        Parameters
        ----------
        active : float
            Share of copies that work, in [0, 1].

        Raises
        ------
        ParameterError
            If the share is outside, or the law is not linear (see :meth:`rates`).

        Examples
        --------
        >>> Vesicle().law(0.5).refill_s() > Vesicle().law().refill_s()
        True
        """
        self._refuse_supply("law")
        if not self.is_linear:
            raise ParameterError(
                "`law` must be asked of a vesicle without lumenal saturation, got "
                f"lumen_km_mmol_l={self.lumen_km_mmol_l!r}: use `rates`"
            )
        birth, death = self.rates(1.0, active)
        return BirthDeath(birth_per_s=float(birth), death_per_s=float(death))

    def rates(self, molecules: Any, active: float = 1.0) -> tuple[FloatArray, FloatArray]:
        """Return molecules entering and leaving per s at some contents.

        Parameters
        ----------
        molecules : array_like
            Contents.
        active : float
            Share of copies that work, in [0, 1].

        Returns
        -------
        entering, leaving : ndarray
            Shaped like ``molecules``.

        Examples
        --------
        >>> entering, leaving = Vesicle().rates([0, Vesicle().content()])
        >>> bool(leaving[0] == 0), bool(abs(entering[1] - leaving[1]) < 1e-9)
        (True, True)
        """
        self._refuse_supply("rates")
        active = check.number("active", active, minimum=0, maximum=1)
        content = np.asarray(molecules, float)
        influx, efflux, crowding = self.per_copy(np.array([self.cytosol_umol_l]))
        slowed = 1.0 / (1.0 + crowding[0] * content)
        working = active * self.transporters
        entering = working * influx[0] * slowed
        leaving = content * (working * efflux[0] * slowed + self.leak_per_s())
        return entering, leaving

    def per_copy(self, cytosol_umol_l: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return entry and exit of one copy, and the crowding, at some cytosolic amines."""
        load = cytosol_umol_l / self.km_umol_l
        volume = self.molecules_per_umol_l()
        influx = self.kcat_per_s * load / (1.0 + load)
        efflux = self.kcat_per_s / (self.km_umol_l * self.ceiling() * volume * (1.0 + load))
        if self.lumen_km_mmol_l is None:
            return influx, efflux, np.zeros_like(load)
        crowding = 1.0 / ((1.0 + load) * volume * (1000.0 * self.lumen_km_mmol_l))
        return influx, efflux, crowding

    def supply(self) -> dict[str, float] | None:
        """Return what the core needs of the proton supply, or None without one."""
        if self.proton_supply is None:
            return None
        return self.proton_supply.in_vesicle(
            litres=self.litres(), temperature_k=self.temperature_k
        ) | {
            "cytosol_ph": self.ph_cytosol,
            "protons_per_amine": float(self.protons_per_amine),
            "ceiling": self.ceiling(),
            "turnover_per_s": self.kcat_per_s,
        }

    def leak_per_s(self) -> float:
        """Return the share of the content that leaks out per s."""
        return LN_2 / self.leak_half_time_s

    def content(self, active: float = 1.0) -> float:
        """Return the molecules at which as many enter as leave.

        Examples
        --------
        >>> round(Vesicle(protons_per_amine=1).content())
        4
        """
        self._refuse_supply("content")
        active = check.number("active", active, minimum=0, maximum=1)
        columns = self.per_copy(np.array([self.cytosol_umol_l]))
        influx, efflux, crowding = (float(column[0]) for column in columns)
        working, leak = active * self.transporters, self.leak_per_s()
        entering, leaving = working * influx, working * efflux + leak
        if entering == 0.0:
            return 0.0
        if leak * crowding == 0.0:
            return entering / leaving if leaving else math.inf
        # leak crowding N^2 + leaving N - entering = 0, without cancellation.
        root = math.sqrt(leaving * leaving + 4.0 * leak * crowding * entering)
        return 2.0 * entering / (leaving + root)

    def refill_s(self, active: float = 1.0) -> float:
        """Return the time constant in s with which the content nears its steady value."""
        return self.law(active).refill_s()


def _preset(quantities: dict[str, Quantity]) -> Vesicle:
    values = {name: quantity.value for name, quantity in quantities.items()}
    return Vesicle(**values | {"protons_per_amine": int(values["protons_per_amine"])})  # type: ignore[arg-type]
