"""What must fit together in a drug: its numbers, the names that its parts use, its liver."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING

from vmatcore import check
from vmatcore.drugs.quantity import Quantity, positive
from vmatcore.errors import ParameterError, ParameterTypeError, shown, unknown

if TYPE_CHECKING:
    from vmatcore.drugs.drug import Drug

__all__ = ["AVAILABILITY", "ENZYMES", "must_act", "must_fit"]

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


def must_fit(drug: Drug) -> None:
    """Refuse a drug whose parts do not fit together.

    Raises
    ------
    ParameterError, ParameterTypeError
        The message names the part and what it lacks.

    Examples
    --------
    >>> from vmatcore.drugs import get
    >>> must_fit(get("tetrabenazine"))
    """
    _check_numbers(drug)
    _check_names(drug)
    _check_liver(drug)


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
