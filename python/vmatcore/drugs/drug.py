"""A drug as a declared graph of :mod:`~vmatcore.drugs.parts`, with every number it rests on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from vmatcore import check
from vmatcore.drugs.moiety import Moiety
from vmatcore.drugs.parts import (
    Absorption,
    Compartment,
    Dose,
    DoseDependentAvailability,
    Elimination,
    Exchange,
    Liver,
)
from vmatcore.drugs.quantity import Quantity, override
from vmatcore.drugs.rules import must_fit
from vmatcore.errors import ParameterError, shown, unknown

__all__ = ["Drug"]

_NAME = re.compile(r"[a-z][a-z0-9_-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drug:
    """A drug: its parameters, its graph and its moieties.

    Parameters
    ----------
    name : str
        The name used in regimens.
    summary : str
        One line for people.
    parameters : mapping of str to Quantity
        Every number of the graph by name; ``molar_mass`` (g/mol) is always there.
    doses, compartments, absorptions, exchanges, eliminations : tuple
        The parts of the graph.
    moieties : tuple of Moiety
        What is read in plasma, in the order of the results.
    availability : DoseDependentAvailability, optional
        How the available share depends on the single dose.
    liver : Liver, optional
        Needed if a part passes the liver.
    isotope_effects : mapping of str to Quantity
        By enzyme: its clearances are divided by this.
    weight_exponents : mapping of str to str
        Parameter to the parameter that holds its exponent of weight/70 kg.
    conditions : mapping of str to mapping of str to Quantity
        By condition of the subject: the parameters that differ.
    fed : mapping of str to Quantity
        Factors in the fed state, by parameter; ``"availability"`` is the share absorbed.
    variability : mapping of str to Quantity
        By parameter: its coefficient of variation between subjects, lognormal.
    residual_error : mapping of str to mapping of str to Quantity
        By kind of sampling and moiety: the standard deviation of the logarithm of a
        measured concentration.
    reported_together : mapping of str to tuple of str
        Names under which publications report the sum of several moieties.
    label : mapping of str to str
        Label regimens as sentences whose last course has no end, and their ``source``.

    Raises
    ------
    ParameterError
        If a part names a compartment or a parameter that does not exist.
    """

    name: str
    summary: str
    parameters: Mapping[str, Quantity]
    doses: tuple[Dose, ...]
    compartments: tuple[Compartment, ...]
    absorptions: tuple[Absorption, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    eliminations: tuple[Elimination, ...] = ()
    moieties: tuple[Moiety, ...] = ()
    availability: DoseDependentAvailability | None = None
    liver: Liver | None = None
    isotope_effects: Mapping[str, Quantity] = field(default_factory=dict)
    weight_exponents: Mapping[str, str] = field(default_factory=dict)
    conditions: Mapping[str, Mapping[str, Quantity]] = field(default_factory=dict)
    fed: Mapping[str, Quantity] = field(default_factory=dict)
    variability: Mapping[str, Quantity] = field(default_factory=dict)
    residual_error: Mapping[str, Mapping[str, Quantity]] = field(default_factory=dict)
    reported_together: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    label: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(check.text("name", self.name)):
            raise ParameterError(
                f"`name` must be lower-case letters, digits, - and _, as in a regimen, "
                f"got {shown(self.name)}"
            )
        must_fit(self)

    def with_parameters(self, values: Mapping[str, float]) -> Drug:
        """Return the drug with some numbers replaced by your own.

        Parameters
        ----------
        values : mapping of str to float
            New values by parameter name, in the unit of the parameter. Isotope
            effects are named ``"isotope_effect.CYP2D6"``.

        Returns
        -------
        Drug
            A new drug; the new numbers are marked as assumed.

        Raises
        ------
        UnknownNameError
            For a name that is not a parameter.

        Examples
        --------
        >>> import vmatcore as vm
        >>> slow = vm.drugs.get("tetrabenazine").with_parameters({"absorption_rate": 0.5})
        >>> slow.parameters["absorption_rate"].value
        0.5
        """
        values = check.mapping("values", values)
        prefix = "isotope_effect."
        effects = {k.removeprefix(prefix): v for k, v in values.items() if k.startswith(prefix)}
        plain = {k: v for k, v in values.items() if not k.startswith(prefix)}
        # A condition's own value would hide the new one.
        conditions = {
            name: {k: v for k, v in changed.items() if k not in plain}
            for name, changed in self.conditions.items()
        }
        return replace(
            self,
            parameters=override(self.parameters, plain),
            isotope_effects=override(self.isotope_effects, effects),
            conditions=conditions,
        )

    def moiety(self, name: str) -> Moiety:
        """Return one of the drug's moieties by name."""
        check.text("moiety", name)
        for moiety in self.moieties:
            if moiety.name == name:
                return moiety
        raise unknown("moiety", name, [moiety.name for moiety in self.moieties])
