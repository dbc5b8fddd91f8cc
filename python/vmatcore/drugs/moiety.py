"""What circulates and binds: a parent drug or an active metabolite."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vmatcore import check
from vmatcore.drugs.quantity import Quantity, positive
from vmatcore.errors import ParameterError, ParameterTypeError, shown, unknown

__all__ = ["TARGETS", "Affinity", "Moiety"]

#: What a moiety can bind here: the wanted target first.
TARGETS = ("VMAT2", "D2", "5-HT7")


@dataclass(frozen=True, slots=True, kw_only=True)
class Affinity:
    """How tightly a moiety binds a target.

    Parameters
    ----------
    ki : Quantity
        Dissociation constant in nmol/L.
    at_least : bool
        If true, ``ki`` is a published lower bound, so an occupancy computed
        from it is an upper bound.
    """

    ki: Quantity
    at_least: bool = False

    def __post_init__(self) -> None:
        positive("ki", self.ki)
        if not isinstance(self.at_least, bool):
            raise ParameterTypeError(
                f"`at_least` must be true or false, got {shown(self.at_least)}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Moiety:
    """One molecule that reaches plasma and brain.

    Parameters
    ----------
    name : str
        Its name, such as ``"(+)-alpha-HTBZ"``.
    molar_mass : Quantity
        In g/mol.
    fraction_unbound : Quantity
        In plasma.
    log_p : Quantity
        Octanol-water partition coefficient, decadic logarithm.
    affinities : mapping of str to Affinity
        By target: ``"VMAT2"``, ``"D2"``, ``"5-HT7"``. A target that is missing
        has no published value.
    irreversible_on : Quantity, optional
        Rate of binding VMAT2 for good, in L/nmol/h; none for a reversible ligand.
    dissociation_rate : Quantity, optional
        k_off from VMAT2 in 1/h, for a reversible ligand that binds slowly; k_on is
        k_off over Ki. Without it binding is taken as in equilibrium.
    recovery_half_time : Quantity, optional
        Half-time in h until VMAT2 held for good is working again.
    brain_permeability : Quantity, optional
        Measured permeability-surface product in mL/min/g, instead of the law in log P.
    brain_fraction_unbound : Quantity, optional
        Measured fraction unbound in brain, instead of the law in log P.
    """

    name: str
    molar_mass: Quantity
    fraction_unbound: Quantity
    log_p: Quantity
    affinities: Mapping[str, Affinity] = field(default_factory=dict)
    irreversible_on: Quantity | None = None
    dissociation_rate: Quantity | None = None
    recovery_half_time: Quantity | None = None
    brain_permeability: Quantity | None = None
    brain_fraction_unbound: Quantity | None = None

    def __post_init__(self) -> None:
        check.text("name", self.name)
        positive(f"molar_mass of {self.name}", self.molar_mass)
        positive(f"fraction_unbound of {self.name}", self.fraction_unbound, maximum=1.0)
        if not isinstance(self.log_p, Quantity):
            raise ParameterTypeError(f"`log_p` must be a Quantity, got {shown(self.log_p)}")
        for target, affinity in check.mapping("affinities", self.affinities).items():
            if target not in TARGETS:
                raise unknown("target", target, TARGETS)
            if not isinstance(affinity, Affinity):
                raise ParameterTypeError(
                    f"`affinities[{target!r}]` must be an Affinity, got {shown(affinity)}"
                )
        if self.brain_permeability is not None:
            positive(f"brain_permeability of {self.name}", self.brain_permeability)
        if self.brain_fraction_unbound is not None:
            positive(
                f"brain_fraction_unbound of {self.name}", self.brain_fraction_unbound, maximum=1.0
            )
        if self.irreversible_on is not None:
            positive(f"irreversible_on of {self.name}", self.irreversible_on)
        if self.dissociation_rate is not None:
            positive(f"dissociation_rate of {self.name}", self.dissociation_rate)
            if not self.per_ki("VMAT2"):
                raise ParameterError(
                    f"`dissociation_rate` of {self.name} must come with a Ki at VMAT2, got none"
                )
        if self.recovery_half_time is not None:
            positive(f"recovery_half_time of {self.name}", self.recovery_half_time)

    def per_ki(self, target: str, *, bounds: bool = False) -> float:
        """Return 1/Ki at a target in L/nmol; 0 if unknown.

        Parameters
        ----------
        target : str
            ``"VMAT2"``, ``"D2"`` or ``"5-HT7"``.
        bounds : bool
            Whether a published lower bound of a Ki is used as if it were the value.

        Examples
        --------
        >>> import vmatcore as vm
        >>> vm.drugs.moieties()["valbenazine"].per_ki("VMAT2") == 1 / 150
        True
        """
        affinity = self.affinities.get(check.text("target", target))
        if affinity is None or (affinity.at_least and not bounds):
            return 0.0
        return 1.0 / affinity.ki.value
