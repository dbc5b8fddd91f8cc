"""A drug as a declared graph: where a dose goes and what the body does with it.

The parts below are plain declarations. Every number is named and stands in
:attr:`Drug.parameters`; the parts refer to it by that name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from vmatcore import check
from vmatcore.drugs.moiety import Moiety
from vmatcore.drugs.quantity import Quantity, override, positive
from vmatcore.errors import ParameterError, ParameterTypeError, shown, unknown

__all__ = [
    "Absorption",
    "Compartment",
    "Dose",
    "DoseDependentAvailability",
    "Drug",
    "Elimination",
    "Exchange",
    "Liver",
]


#: More transit compartments than any published absorption model has.
_MOST_TRANSITS = 100


def _check_fields(part: Any) -> None:
    """Each field of a part must have its declared type."""
    for entry in fields(part):
        value = getattr(part, entry.name)
        if entry.type == "bool":
            if not isinstance(value, bool):
                raise ParameterTypeError(
                    f"`{entry.name}` must be true or false, got {shown(value)}"
                )
        elif entry.type == "int":
            count = check.whole(entry.name, value, minimum=0, maximum=_MOST_TRANSITS)
            object.__setattr__(part, entry.name, count)
        elif entry.type == "tuple[str, str]":
            items = check.listed(entry.name, value)
            if len(items) != 2:
                raise ParameterError(
                    f"`{entry.name}` must name two compartments, got {shown(value)}"
                )
            pair = tuple(check.text(entry.name, item) for item in items)
            object.__setattr__(part, entry.name, pair)
        elif value is not None or entry.type == "str":
            check.text(entry.name, value)


def _check_ends(name: str, source: str, target: str | None) -> None:
    if source == target:
        raise ParameterError(f"`{name}` must lead to another compartment, got {shown(source)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """Where a dose goes: a share of it, after a lag, into a compartment.

    With a ``duration`` (h) it enters at a constant rate over that time.
    """

    compartment: str
    share: str | None = None
    lag: str | None = None
    duration: str | None = None

    def __post_init__(self) -> None:
        _check_fields(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseDependentAvailability:
    """F = 1 + gain (D - D0)/(half_dose + D - D0), D the dose in mg and D0 the reference.

    Below the reference dose F is 1.
    """

    gain: str
    half_dose: str
    reference_dose: str

    def __post_init__(self) -> None:
        _check_fields(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compartment:
    """A well-mixed space; with a moiety it is plasma, read as amount over volume (L)."""

    name: str
    moiety: str | None = None
    volume: str | None = None

    def __post_init__(self) -> None:
        _check_fields(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Absorption:
    """First-order transfer, through any number of transit compartments of the same rate.

    ``fraction`` of it arrives. With ``liver`` it passes the liver first: part
    escapes, the rest becomes the products of the eliminations there.
    """

    source: str
    target: str
    rate: str
    fraction: str | None = None
    transits: int = 0
    liver: bool = False

    def __post_init__(self) -> None:
        _check_fields(self)
        _check_ends("target", self.source, self.target)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Passive exchange between two compartments: one clearance both ways (L/h)."""

    between: tuple[str, str]
    clearance: str

    def __post_init__(self) -> None:
        _check_fields(self)
        _check_ends("between", *self.between)


@dataclass(frozen=True, slots=True, kw_only=True)
class Elimination:
    """One path out of a compartment: an enzyme, a clearance (L/h), perhaps a product.

    The path has all of the clearance, or a ``share`` of it, or what a share leaves
    (``rest_of``).

    With ``liver`` the clearance is intrinsic (unbound and total taken together)
    and the liver is well stirred; otherwise it is a plain clearance.
    """

    source: str
    enzyme: str
    clearance: str
    share: str | None = None
    rest_of: str | None = None
    product: str | None = None
    liver: bool = False

    def __post_init__(self) -> None:
        _check_fields(self)
        _check_ends("product", self.source, self.product)


@dataclass(frozen=True, slots=True, kw_only=True)
class Liver:
    """The well-stirred liver: its blood flow (L/h)."""

    blood_flow: str

    def __post_init__(self) -> None:
        _check_fields(self)


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
        _check_numbers(self)
        _check_names(self)
        _check_liver(self)

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


_NAME = re.compile(r"[a-z][a-z0-9_-]*")

#: The name of the available share among the factors of the fed state.
AVAILABILITY = "availability"

#: Enzymes that a path can name; "other" is any that no covariate changes.
ENZYMES = ("CYP2D6", "CYP3A4", "carbonyl reductase", "hydrolysis", "other")

#: Fields of the parts that name a compartment, and those that name a parameter.
_COMPARTMENT_FIELDS = frozenset({"between", "compartment", "product", "source", "target"})
_PARAMETER_FIELDS = frozenset(
    {"blood_flow", "clearance", "duration", "fraction", "gain", "half_dose", "lag"}
    | {"rate", "reference_dose", "rest_of", "share", "volume"}
)


def _check_numbers(drug: Drug) -> None:
    """Every number must be a quantity; volumes and divisors above 0, shares at most 1."""
    for name, quantity in [*drug.parameters.items(), *drug.isotope_effects.items()]:
        if not isinstance(quantity, Quantity):
            raise ParameterTypeError(f"`{name}` must be a Quantity, got {shown(quantity)}")
    for name, effect in drug.isotope_effects.items():
        positive(f"isotope effect of {name}", effect)
    volumes = [place.volume for place in drug.compartments if place.volume is not None]
    flows = [drug.liver.blood_flow] if drug.liver is not None else []
    for name in ["molar_mass", *volumes, *flows]:
        if name in drug.parameters:
            positive(name, drug.parameters[name])
    shares: list[str | None] = []
    shares += [dose.share for dose in drug.doses]
    shares += [path.share for path in drug.eliminations]
    shares += [path.rest_of for path in drug.eliminations]
    shares += [path.fraction for path in drug.absorptions]
    for share in shares:
        if share is not None and share in drug.parameters:
            check.number(share, drug.parameters[share].value, minimum=0, maximum=1)


def _check_names(drug: Drug) -> None:
    """Every name that a part uses must exist."""
    places = [compartment.name for compartment in drug.compartments]
    twice = {name for name in places if places.count(name) > 1}
    if twice:
        raise ParameterError(f"`compartments` of {drug.name!r} name {sorted(twice)[0]!r} twice")
    if "molar_mass" not in drug.parameters:
        raise ParameterError(f"`parameters` of {drug.name!r} must hold 'molar_mass' (g/mol)")
    for where, place in _used(drug, _COMPARTMENT_FIELDS):
        _must_be(place, places, "compartment", where)
    for where, name in _used(drug, _PARAMETER_FIELDS):
        _must_be(name, drug.parameters, "parameter", where)
    for where, name in _changed(drug):
        must_act(drug, where, name)
    with_volume = [place.name for place in drug.compartments if place.volume is not None]
    cleared = [place for exchange in drug.exchanges for place in exchange.between]
    for place in [*cleared, *(path.source for path in drug.eliminations)]:
        if place not in with_volume:
            raise ParameterError(f"compartment {place!r} has a clearance and needs a `volume`")
    for i, path in enumerate(drug.eliminations):
        _must_be(path.enzyme, list(ENZYMES), "enzyme", f"elimination[{i}].enzyme")
        if path.share is not None and path.rest_of is not None:
            raise ParameterError(f"a path of {path.source!r} has `share` and `rest_of`: take one")
    if not drug.doses:
        raise ParameterError(f"`doses` of {drug.name!r} must say where a dose goes, got none")
    _check_moieties(drug)


def _used(drug: Drug, names: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield where the parts use a name in these fields, and the name."""
    groups = {
        "dose": drug.doses,
        "compartment": drug.compartments,
        "absorption": drug.absorptions,
        "exchange": drug.exchanges,
        "elimination": drug.eliminations,
    }
    parts = [(f"{key}[{i}]", part) for key, group in groups.items() for i, part in enumerate(group)]
    parts += [("dose_dependent_availability", drug.availability), ("liver", drug.liver)]
    for key, part in parts:
        for entry in fields(part) if part is not None else ():  # type: ignore[arg-type]
            value = getattr(part, entry.name)
            if entry.name in names and value is not None:
                for name in value if isinstance(value, tuple) else [value]:
                    yield f"{key}.{entry.name}", name
    if names is _PARAMETER_FIELDS:
        for name, exponent in drug.weight_exponents.items():
            yield f"weight_exponent.{name}", exponent


def _changed(drug: Drug) -> Iterator[tuple[str, str]]:
    """Yield what changes a parameter from subject to subject, and the parameter."""
    for name in drug.weight_exponents:
        yield "weight_exponent", name
    for condition, changed in drug.conditions.items():
        for name in changed:
            yield f"condition.{condition}", name
    for name in drug.fed:
        if name != AVAILABILITY:
            yield "fed", name
    for name in drug.variability:
        yield "variability", name


#: Parts that are the same for everybody: what a dose is and where it goes.
_OF_THE_DOSE = ("dose[", "dose_dependent_availability")


def must_act(drug: Drug, where: str, name: str) -> None:
    """Refuse a change from subject to subject of a parameter that is the same for all."""
    _must_be(name, drug.parameters, f"parameter of {drug.name}", where)
    uses = [place for place, used in _used(drug, _PARAMETER_FIELDS) if used == name]
    of_doses = [place for place in uses if place.startswith(_OF_THE_DOSE)]
    acts = [place for place in uses if not place.startswith((*_OF_THE_DOSE, "weight_exponent"))]
    if of_doses or not acts:
        use = (of_doses or uses or ["molar mass" if name == "molar_mass" else "nothing"])[0]
        raise ParameterError(
            f"`{where}` must name a parameter that can differ between subjects, got {name!r} "
            f"of {drug.name!r}, used for {use}: that is the same for all"
        )


def _check_moieties(drug: Drug) -> None:
    """What is read must be known and have a volume."""
    known = [moiety.name for moiety in drug.moieties]
    for i, compartment in enumerate(drug.compartments):
        if compartment.moiety is not None:
            _must_be(compartment.moiety, known, "moiety", f"compartment[{i}].moiety")
            if compartment.volume is None:
                message = f"compartment {compartment.name!r} is read and needs a `volume`"
                raise ParameterError(message)
    for sampling, errors in drug.residual_error.items():
        for name in errors:
            _must_be(name, known, "moiety", f"residual_error.{sampling}")
    read = [place.moiety for place in drug.compartments if place.moiety is not None]
    for name in known:
        if read.count(name) != 1:
            raise ParameterError(
                f"moiety {name!r} must be read in one compartment, got {read.count(name)}"
            )
    for title, together in drug.reported_together.items():
        for name in together:
            _must_be(name, known, "moiety", f"reported_together.{title}")


def _must_be(name: str, known: Mapping[str, object] | list[str], kind: str, where: str) -> None:
    if name not in known:
        raise unknown(kind, name, known, where=where)


def _check_liver(drug: Drug) -> None:
    """A liver path needs a liver, and what it forms must not lead back to itself."""
    passing = any(part.liver for part in drug.absorptions)
    if drug.liver is None and (passing or any(part.liver for part in drug.eliminations)):
        raise ParameterError(f"{drug.name!r} passes the liver, so it needs a `liver`")
    forms: dict[str, set[str]] = {}
    for path in drug.eliminations:
        if path.liver and path.product is not None:
            forms.setdefault(path.source, set()).add(path.product)
    for start, products in forms.items():
        todo, seen = list(products), set()
        while todo:
            place = todo.pop()
            if place == start:
                raise ParameterError(f"in the liver, {start!r} must not form itself again")
            if place not in seen:
                seen.add(place)
                todo += forms.get(place, ())
