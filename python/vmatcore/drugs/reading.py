"""From TOML to drugs and moieties, with errors that name the key."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from vmatcore import check
from vmatcore.drugs.drug import Drug
from vmatcore.drugs.moiety import TARGETS, Affinity, Moiety
from vmatcore.drugs.parts import (
    Absorption,
    Compartment,
    Dose,
    DoseDependentAvailability,
    Elimination,
    Exchange,
    Liver,
)
from vmatcore.drugs.quantity import Quantity
from vmatcore.errors import FileFormatError, ParameterError, VmatError, shown, unknown

__all__ = ["read_drug", "read_moieties", "read_quantities", "read_toml"]

Part = TypeVar("Part")

#: Words of the files and of the classes where they differ: `from` and `to` read better in a file.
_RENAMED = {
    Absorption: {"from": "source", "to": "target"},
    Elimination: {"from": "source", "to": "product"},
}

_DRUG_KEYS = {
    "absorption",
    "base",
    "compartment",
    "condition",
    "dose",
    "dose_dependent_availability",
    "elimination",
    "exchange",
    "fed",
    "formulation",
    "isotope_effect",
    "isotope_prefix",
    "label",
    "liver",
    "moiety",
    "name",
    "parameters",
    "reported_together",
    "residual_error",
    "summary",
    "variability",
    "weight_exponent",
}


def read_toml(path: Path) -> dict[str, Any]:
    """Return the content of a TOML file."""
    name = str(path) if len(str(path)) <= 200 else "..." + str(path)[-197:]
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FileFormatError(f"cannot read {name!r}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise FileFormatError(f"{name!r} is not valid TOML: {error}") from None
    except ValueError as error:  # a path that no file can have
        raise FileFormatError(f"cannot read {name!r}: {error}") from None
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise FileFormatError(f"{name!r} is not valid TOML: it is nested too deeply") from None
    except ValueError as error:  # also a whole number of more than 4300 digits
        raise FileFormatError(f"{name!r} is not valid TOML: {str(error)[:100]}") from None


def read_quantity(key: str, table: object) -> Quantity:
    """Return one number from its inline table."""
    return _part(Quantity, key, table)


def read_quantities(key: str, table: object) -> dict[str, Quantity]:
    """Return the numbers of a table by name."""
    return {name: read_quantity(f"{key}.{name}", item) for name, item in _table(key, table).items()}


def read_moieties(tables: Mapping[str, Any], known: Mapping[str, Moiety]) -> dict[str, Moiety]:
    """Return moieties by name; ``like`` takes all but what is given from another."""
    moieties = dict(known)
    for name, table in tables.items():
        moieties[name] = _moiety(name, _table(f"moiety.{name}", table), moieties)
    return moieties


def read_drug(
    tables: Mapping[str, Any],
    moieties: Mapping[str, Moiety],
    base: Callable[[str], Drug],
    formulation: str | None = None,
) -> Drug:
    """Return the drug that the tables of one file declare.

    ``base`` gives the drug that an isotopologue starts from.
    """
    for key in tables:
        if key not in _DRUG_KEYS:
            raise unknown("key", key, _DRUG_KEYS)
    moieties = read_moieties(_table("moiety", tables.get("moiety", {})), moieties)
    if "base" in tables:
        drug = _isotopologue(tables, moieties, base(check.text("base", tables["base"])))
    else:
        drug = _declared(tables, moieties)
    return drug if formulation is None else _formulated(drug, tables, formulation)


def _declared(tables: Mapping[str, Any], moieties: Mapping[str, Moiety]) -> Drug:
    compartments = _parts(Compartment, "compartment", tables)
    for i, place in enumerate(compartments):
        if place.moiety is not None and place.moiety not in moieties:
            raise unknown("moiety", place.moiety, moieties, where=f"compartment[{i}].moiety")
    read = dict.fromkeys(place.moiety for place in compartments if place.moiety is not None)
    conditions = _table("condition", tables.get("condition", {}))
    availability = tables.get("dose_dependent_availability")
    liver = tables.get("liver")
    return Drug(
        name=check.text("name", _needed(tables, "name")),
        summary=check.text("summary", tables.get("summary", "")),
        parameters=read_quantities("parameters", _needed(tables, "parameters")),
        doses=_parts(Dose, "dose", tables),
        compartments=compartments,
        absorptions=_parts(Absorption, "absorption", tables),
        exchanges=_parts(Exchange, "exchange", tables),
        eliminations=_parts(Elimination, "elimination", tables),
        moieties=tuple(moieties[name] for name in read),
        availability=None
        if availability is None
        else _part(DoseDependentAvailability, "dose_dependent_availability", availability),
        liver=None if liver is None else _part(Liver, "liver", liver),
        isotope_effects=read_quantities("isotope_effect", tables.get("isotope_effect", {})),
        weight_exponents={
            name: check.text(f"weight_exponent.{name}", item)
            for name, item in _table("weight_exponent", tables.get("weight_exponent", {})).items()
        },
        fed=read_quantities("fed", tables.get("fed", {})),
        variability=read_quantities("variability", tables.get("variability", {})),
        residual_error={
            name: read_quantities(f"residual_error.{name}", item)
            for name, item in _table("residual_error", tables.get("residual_error", {})).items()
        },
        conditions={
            name: read_quantities(f"condition.{name}", item) for name, item in conditions.items()
        },
        reported_together={
            name: tuple(
                check.text(f"reported_together.{name}", item)
                for item in check.listed(f"reported_together.{name}", items)
            )
            for name, items in _table(
                "reported_together", tables.get("reported_together", {})
            ).items()
        },
        label=_label(_table("label", tables.get("label", {}))),
    )


def _isotopologue(tables: Mapping[str, Any], moieties: Mapping[str, Moiety], base: Drug) -> Drug:
    """Return ``base`` with isotope effects, heavier moieties and its own numbers."""
    prefix = check.text("isotope_prefix", _needed(tables, "isotope_prefix"))
    own = read_quantities("parameters", tables.get("parameters", {}))
    for name in own:
        if name not in base.parameters:
            raise unknown("parameter", name, base.parameters)
    heavy = {}
    for moiety in base.moieties:
        if prefix + moiety.name not in moieties:
            raise unknown("moiety", prefix + moiety.name, moieties)
        heavy[moiety.name] = moieties[prefix + moiety.name]
    return replace(
        base,
        name=check.text("name", _needed(tables, "name")),
        summary=check.text("summary", tables.get("summary", "")),
        parameters={**base.parameters, **own},
        compartments=tuple(
            place if place.moiety is None else replace(place, moiety=heavy[place.moiety].name)
            for place in base.compartments
        ),
        moieties=tuple(heavy.values()),
        isotope_effects=read_quantities("isotope_effect", _needed(tables, "isotope_effect")),
        reported_together={
            prefix + name: tuple(heavy[item].name for item in items)
            for name, items in base.reported_together.items()
        },
        label=_label(_table("label", tables.get("label", {}))),
    )


def _formulated(drug: Drug, tables: Mapping[str, Any], formulation: str) -> Drug:
    """Return the drug in another tablet: its own absorption and its own label."""
    known = _table("formulation", tables.get("formulation", {}))
    if formulation not in known:
        raise unknown("formulation", formulation, known)
    table = dict(_table(f"formulation.{formulation}", known[formulation]))
    summary = check.text("summary", table.pop("summary", drug.summary))
    own = read_quantities(f"formulation.{formulation}", table)
    for name in own:
        if name not in drug.parameters:
            raise unknown("parameter", name, drug.parameters)
    label = _table("label", tables.get("label", {})).get(formulation, {})
    return replace(
        drug,
        name=f"{drug.name}-{formulation}",
        summary=summary,
        parameters={**drug.parameters, **own},
        label=_label(_table(f"label.{formulation}", label)),
    )


def _moiety(name: str, table: Mapping[str, Any], known: Mapping[str, Moiety]) -> Moiety:
    table = dict(table)
    like = table.pop("like", None)
    affinities = {
        target: _affinity(f"moiety.{name}.ki.{target}", item)
        for target, item in _table(f"moiety.{name}.ki", table.pop("ki", {})).items()
    }
    for target in affinities:
        if target not in TARGETS:
            raise unknown("target", target, TARGETS, where=f"moiety.{name}.ki")
    allowed = {entry.name for entry in fields(Moiety)} - {"name", "affinities"}
    for key in table:
        if key not in allowed:
            raise unknown("key", key, allowed, where=f"moiety.{name}")
    numbers = read_quantities(f"moiety.{name}", table)
    with _at(f"moiety.{name}"):
        return _made(name, like, numbers, affinities, known)


def _made(
    name: str,
    like: object,
    numbers: dict[str, Quantity],
    affinities: dict[str, Affinity],
    known: Mapping[str, Moiety],
) -> Moiety:
    if like is not None:
        if check.text("like", like) not in known:
            raise unknown("moiety", like, known)
        like = str(like)
        affinities = {**known[like].affinities, **affinities}
        return replace(known[like], name=name, affinities=affinities, **numbers)
    for key in ("molar_mass", "fraction_unbound", "log_p"):
        if key not in numbers:
            raise ParameterError(f"must hold `{key}`")
    return Moiety(name=name, affinities=affinities, **numbers)


def _affinity(key: str, table: object) -> Affinity:
    table = dict(_table(key, table))
    at_least = table.pop("at_least", False)
    ki = read_quantity(key, table)
    with _at(key):
        return Affinity(ki=ki, at_least=at_least)


def _label(table: Mapping[str, Any]) -> dict[str, str]:
    """Return the sentences; a table holds the label of a formulation."""
    return {
        key: check.text(f"label.{key}", value)
        for key, value in table.items()
        if not isinstance(value, Mapping)
    }


@contextmanager
def _at(key: str) -> Iterator[None]:
    """Put the path of a key in front of every message."""
    try:
        yield
    except VmatError as error:
        raise type(error)(f"`{key}`: {error}") from None


def _table(key: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ParameterError(f"`{key}` must be a table, got {shown(value)}")
    return value


def _needed(tables: Mapping[str, Any], key: str) -> Any:
    if key not in tables:
        raise ParameterError(f"`{key}` is missing")
    return tables[key]


def _parts(kind: type[Part], key: str, tables: Mapping[str, Any]) -> tuple[Part, ...]:
    items = tables.get(key, [])
    if not isinstance(items, list):
        raise ParameterError(f"`{key}` must be a list of tables: write [[{key}]]")
    return tuple(_part(kind, f"{key}[{i}]", item) for i, item in enumerate(items))


def _part(kind: type[Part], key: str, table: object) -> Part:
    """Return one declaration, its keys checked against the class."""
    spelled = {name: word for word, name in _RENAMED.get(kind, {}).items()}
    allowed = {spelled.get(entry.name, entry.name): entry for entry in fields(kind)}  # type: ignore[arg-type]
    given = _table(key, table)
    for word in given:
        if word not in allowed:
            raise unknown("key", word, allowed, where=key)
    for word, entry in allowed.items():
        if word not in given and entry.default is MISSING:
            raise ParameterError(f"`{key}` must hold {word!r}")
    with _at(key):
        return kind(**{allowed[word].name: value for word, value in given.items()})
