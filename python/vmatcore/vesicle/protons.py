"""What acidifies a vesicle: the V-ATPase, the leak of protons, the exchange of chloride."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from vmatcore import check
from vmatcore.drugs.quantity import Quantity, Status
from vmatcore.vesicle.constants import (
    AVOGADRO_PER_MOL,
    ELEMENTARY_CHARGE_C,
    FARADAY_C_PER_MOL,
    GAS_J_PER_MOL_K,
)

__all__ = ["ProtonSupply"]

_MODEL = "input of the bare synaptic vesicle model, Synthetic-Physiology-Lab/SynapticVesicles 2025"
_FIT = (
    "fitted to the pump table of the same model (V-ATPase rate by potential and pH); the largest "
    "error from 0 to 200 mV and pH 4.4 to 7.4 is 3.7 protons/s"
)


def _q(
    value: float, unit: str, source: str, status: Status, low: float | None, high: float | None
) -> Quantity:
    return Quantity(value=value, unit=unit, source=source, status=status, low=low, high=high)


#: The values a supply has by default.
DEFAULTS = {
    "pumps": _q(1.4, "pumps", "1 to 2 in a vesicle, Takamori 2006; " + _MODEL, "derived", 1.0, 2.0),
    "proton_permeability_cm_s": _q(1.23e-3, "cm/s", _MODEL, "derived", 1.23e-4, 1.23e-3),
    "chloride_exchangers": _q(2.0, "exchangers", _MODEL, "assumed", 0.0, 10.0),
    "buffer_mmol_l": _q(40.0, "mmol/L for each unit of pH", _MODEL, "derived", 20.0, 80.0),
    "capacitance_uf_cm2": _q(1.0, "uF/cm2", "lipid bilayer; " + _MODEL, "measured", 0.7, 1.2),
    "surface_potential_mv": _q(-50.0, "mV", _MODEL, "assumed", -60.0, 0.0),
    "cytosol_chloride_mmol_l": _q(5.0, "mmol/L", _MODEL, "assumed", 5.0, 50.0),
    "lumen_chloride_mmol_l": _q(
        110.0, "mmol/L", "as outside the cell; " + _MODEL, "assumed", 50, 110
    ),
    "start_ph": _q(6.6, "pH", _MODEL + ": just retrieved", "assumed", 6.0, 7.4),
    "start_potential_mv": _q(0.0, "mV", _MODEL, "assumed", 0.0, 30.0),
}

#: Protons of one pump per s: most (1 - b)/(1 + e^((psi - half)/slope) + weight b), with
#: b = e^((psi + gradient - stall)/stall slope).
PUMP = {
    "most_per_s": _q(127.9, "1/s", _FIT, "derived", None, None),
    "half_mv": _q(106.4, "mV", _FIT, "derived", None, None),
    "slope_mv": _q(35.9, "mV", _FIT, "derived", None, None),
    "stall_mv": _q(323.2, "mV", _FIT, "derived", None, None),
    "stall_slope_mv": _q(31.38, "mV", _FIT, "derived", None, None),
    "stall_weight": _q(0.808, "ratio", _FIT, "derived", None, None),
}

#: Cycles of one chloride exchanger (ClC-3, two chloride ions against a proton) per s:
#: -[near x + far (1 - x) u^2] u, with u the driving force in mV and
#: x = 1/(1 + e^(-2 (u + turn)/slope)).
EXCHANGER = {
    "near_per_s_mv": _q(0.3, "1/(s mV)", _MODEL, "derived", None, None),
    "far_per_s_mv3": _q(1.5e-5, "1/(s mV^3)", _MODEL, "derived", None, None),
    "turn_mv": _q(250.0, "mV", _MODEL, "derived", None, None),
    "slope_mv": _q(75.0, "mV", _MODEL, "derived", None, None),
}


def _default(name: str) -> float:
    return DEFAULTS[name].value


@dataclass(frozen=True, kw_only=True, slots=True)
class ProtonSupply:
    """pH and potential of the lumen as states: protons are pumped in and spent on amine.

    Parameters
    ----------
    pumps : float
        V-ATPases of a vesicle; the mean of many, so it need not be whole.
    proton_permeability_cm_s : float
        Permeability of the membrane to protons, in cm/s.
    chloride_exchangers : float
        ClC-3 exchangers, which let two chloride ions in for a proton out.
    buffer_mmol_l : float
        Protons in mmol/L that lower the pH of the lumen by 1.
    capacitance_uf_cm2 : float
        Capacitance of the membrane in uF/cm2.
    surface_potential_mv : float
        Potential of the outer surface of the membrane against the cytosol, in mV.
    cytosol_chloride_mmol_l, lumen_chloride_mmol_l : float
        Chloride in the cytosol, and in the lumen at 0 s, in mmol/L.
    start_ph, start_potential_mv : float
        pH and potential (mV) of the lumen at 0 s.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.

    Notes
    -----
    An amine that enters sends ``protons_per_amine`` protons out; one that leaks out as the
    neutral molecule leaves its proton behind. Exit through the carrier saturates like entry,
    because a vesicle whose gradient breaks down must not empty faster than its
    copies turn over. The numbers are those of a published model of a bare vesicle: see
    :meth:`sources`. Its gradient (pH 5.98, +29 mV) is weaker than the pH 5.5 and 70 mV that a
    :class:`Vesicle` assumes without a supply, so it holds fewer molecules.

    Examples
    --------
    >>> import vmatcore as vm
    >>> vesicle = vm.Vesicle(cytosol_umol_l=0.0, proton_supply=ProtonSupply())
    >>> empty = vm.filling.simulate(vesicle, time_s=[0, 7, 60], method="mean")
    >>> empty.ph.round(2).tolist(), empty.potential_mv.round().tolist()
    ([6.6, 6.29, 5.98], [0.0, 42.0, 30.0])
    """

    pumps: float = _default("pumps")
    proton_permeability_cm_s: float = _default("proton_permeability_cm_s")
    chloride_exchangers: float = _default("chloride_exchangers")
    buffer_mmol_l: float = _default("buffer_mmol_l")
    capacitance_uf_cm2: float = _default("capacitance_uf_cm2")
    surface_potential_mv: float = _default("surface_potential_mv")
    cytosol_chloride_mmol_l: float = _default("cytosol_chloride_mmol_l")
    lumen_chloride_mmol_l: float = _default("lumen_chloride_mmol_l")
    start_ph: float = _default("start_ph")
    start_potential_mv: float = _default("start_potential_mv")

    def __post_init__(self) -> None:
        limits: dict[str, tuple[float, float]] = {
            "pumps": (0, 1000),
            "proton_permeability_cm_s": (0, 1),
            "chloride_exchangers": (0, 1e6),
            "buffer_mmol_l": (1e-3, 1e9),
            "capacitance_uf_cm2": (1e-3, 1e9),
            "surface_potential_mv": (-200, 200),
            "cytosol_chloride_mmol_l": (1e-3, 1e4),
            "lumen_chloride_mmol_l": (0, 1e4),
            "start_ph": (0, 14),
            "start_potential_mv": (-300, 300),
        }
        for name, (low, high) in limits.items():
            value = check.number(name, getattr(self, name), minimum=low, maximum=high)
            object.__setattr__(self, name, value)

    @staticmethod
    def sources() -> dict[str, Quantity]:
        """Return every constant with unit, source, status and spread.

        Examples
        --------
        >>> ProtonSupply.sources()["pump_stall_mv"].status
        'derived'
        """
        laws = {f"pump_{name}": quantity for name, quantity in PUMP.items()}
        laws |= {f"exchanger_{name}": quantity for name, quantity in EXCHANGER.items()}
        return DEFAULTS | laws

    def in_vesicle(self, *, litres: float, temperature_k: float) -> dict[str, Any]:
        """Return what the core needs of the supply of a spherical vesicle, by its names."""
        diameter_cm = 10.0 * math.cbrt(litres * 6.0 / math.pi)  # 1 L is 1000 cm3
        area_cm2 = math.pi * diameter_cm * diameter_cm
        ions = AVOGADRO_PER_MOL * litres * 1e-3
        farad = self.capacitance_uf_cm2 * 1e-6 * area_cm2
        # cm/s times cm2 is cm3/s; of a solution of 1 mol/L that is so many protons.
        leak = self.proton_permeability_cm_s * area_cm2 * AVOGADRO_PER_MOL * 1e-3
        exchangers = self.chloride_exchangers
        return {
            "pump_copies": self.pumps,
            **{name: quantity.value for name, quantity in PUMP.items()},
            "leak_per_s": leak,
            "exchange_per_s_mv": exchangers * EXCHANGER["near_per_s_mv"].value,
            "exchange_far_per_s_mv3": exchangers * EXCHANGER["far_per_s_mv3"].value,
            "exchange_turn_mv": EXCHANGER["turn_mv"].value,
            "exchange_slope_mv": EXCHANGER["slope_mv"].value,
            "buffer_protons": self.buffer_mmol_l * ions,
            "charge_mv": 1000.0 * ELEMENTARY_CHARGE_C / farad,
            "thermal_mv": 1000.0 * GAS_J_PER_MOL_K * temperature_k / FARADAY_C_PER_MOL,
            "surface_mv": self.surface_potential_mv,
            "cytosol_chloride": self.cytosol_chloride_mmol_l * ions,
            "start_ph": self.start_ph,
            "start_mv": self.start_potential_mv,
            "start_chloride": self.lumen_chloride_mmol_l * ions,
        }
