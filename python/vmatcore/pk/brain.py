"""From plasma to the water around the transporter.

V_b dC_b/dt = PS_eff (f_u,p C_p - C_u/K_p,uu) with C_u = f_u,b C_b and
PS_eff = P Q/(P + Q): poor permeability or, at high log P, blood flow limits entry.
Both laws in log P are assumed; see ``vmatcore drugs brain``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from vmatcore import check, drugs
from vmatcore.arithmetic import LN_2, power
from vmatcore.drugs import Moiety, Quantity
from vmatcore.drugs.quantity import override, positive
from vmatcore.errors import ParameterError, ParameterTypeError, shown, unknown

__all__ = ["Brain"]

_MINUTES_PER_HOUR = 60.0

#: Numbers that divide.
_POSITIVE = (
    "blood_flow",
    "membrane_exit",
    "permeability",
    "permeability_doubling",
    "unbound_partition",
    "volume",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brain:
    """The laws by which moieties enter the brain.

    Parameters
    ----------
    parameters : mapping of str to Quantity
        As in :func:`vmatcore.drugs.brain`.
    pools : {1, 2}
        1 takes membranes and water of the brain as in equilibrium; 2 lets them exchange
        by first order, which comes to the same where the exchange is fast.

    Examples
    --------
    >>> brain = Brain.default()
    >>> round(brain.equilibration_half_time_h(2.7), 2), round(brain.equilibration_half_time_h(6), 1)
    (0.38, 29.7)
    """

    parameters: Mapping[str, Quantity]
    pools: int = 1

    def __post_init__(self) -> None:
        given, known = check.mapping("parameters", self.parameters), drugs.brain()
        for name, quantity in given.items():
            if name not in known:
                raise unknown("parameter", name, known)
            if not isinstance(quantity, Quantity):
                raise ParameterTypeError(f"`{name}` must be a Quantity, got {shown(quantity)}")
        for name in known:
            if name not in given:
                raise ParameterError(f"`parameters` must hold {name!r}")
        for name in _POSITIVE:
            positive(name, given[name])
        object.__setattr__(self, "parameters", given)
        object.__setattr__(self, "pools", check.whole("pools", self.pools, minimum=1, maximum=2))

    @staticmethod
    def default(*, pools: int = 1, **values: float) -> Brain:
        """Return the shipped laws, with some numbers replaced by your own."""
        return Brain(parameters=override(drugs.brain(), values), pools=pools)

    def _value(self, name: str) -> float:
        return self.parameters[name].value

    def permeability_ml_min_g(self, log_p: float) -> float:
        """Return the permeability-surface product at a log P, in mL/min/g."""
        doublings = (check.number("log_p", log_p) - 2.0) / self._value("permeability_doubling")
        return self._value("permeability") * power(2.0, doublings)

    def fraction_unbound(self, log_p: float) -> float:
        """Return the share of brain drug that is free, at a log P."""
        log_p = check.number("log_p", log_p)
        partition = power(10.0, self._value("lipid_exponent") * log_p)
        return 1.0 / (1.0 + self._value("lipid_fraction") * partition)

    def entry_per_h(self, permeability_ml_min_g: float) -> float:
        """Return PS_eff/V_b in 1/h: permeability and blood flow in series."""
        permeability_ml_min_g = check.number(
            "permeability_ml_min_g", permeability_ml_min_g, minimum=0
        )
        flow = self._value("blood_flow")
        effective = permeability_ml_min_g * flow / (permeability_ml_min_g + flow)
        return effective * _MINUTES_PER_HOUR / self._value("volume")

    def equilibration_half_time_h(self, log_p: float) -> float:
        """Return ln 2 V_b/(PS_eff f_u,b) at K_p,uu 1, in h."""
        entry = self.entry_per_h(self.permeability_ml_min_g(log_p))
        rate = entry * self.fraction_unbound(log_p)
        return LN_2 / rate if rate > 0 else math.inf

    def membrane_rates(self, moiety: Moiety) -> tuple[float, float]:
        """Return the rates from water into membranes and back, in 1/h.

        Their ratio is that of the amounts in equilibrium, 1/f_u,b - 1.
        """
        _, _, free = self.rates(moiety)
        back = self._value("membrane_exit")
        return back * (1.0 / free - 1.0), back

    def rates(self, moiety: Moiety) -> tuple[float, float, float]:
        """Return entry per unbound plasma concentration (1/h), exit (1/h) and f_u,b."""
        log_p = moiety.log_p.value
        permeability, free = moiety.brain_permeability, moiety.brain_fraction_unbound
        entry = self.entry_per_h(
            self.permeability_ml_min_g(log_p) if permeability is None else permeability.value
        )
        fraction = self.fraction_unbound(log_p) if free is None else free.value
        return entry, entry * fraction / self._value("unbound_partition"), fraction
