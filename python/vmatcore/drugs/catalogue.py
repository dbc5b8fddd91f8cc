"""The drugs that ship with the package, and the user's own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from vmatcore import check
from vmatcore.drugs.drug import Drug
from vmatcore.drugs.moiety import Moiety
from vmatcore.drugs.quantity import Quantity
from vmatcore.drugs.reading import read_drug, read_moieties, read_quantities, read_toml
from vmatcore.errors import ParameterTypeError, shown, unknown

__all__ = ["Covariates", "brain", "covariates", "enzymes", "get", "load", "moieties", "names"]

_DATA = Path(__file__).parent / "data"

#: Name in a regimen: file and formulation.
_SHIPPED = {
    "reserpine": ("reserpine", None),
    "tetrabenazine": ("tetrabenazine", None),
    "deutetrabenazine": ("deutetrabenazine", None),
    "deutetrabenazine-xr": ("deutetrabenazine", "xr"),
    "valbenazine": ("valbenazine", None),
}


def names() -> tuple[str, ...]:
    """Return the names of the drugs that ship with the package.

    Examples
    --------
    >>> names()
    ('reserpine', 'tetrabenazine', 'deutetrabenazine', 'deutetrabenazine-xr', 'valbenazine')
    """
    return tuple(_SHIPPED)


@cache
def _shipped(name: str) -> Drug:
    file, formulation = _SHIPPED[name]
    return read_drug(read_toml(_DATA / f"{file}.toml"), moieties(), _shipped, formulation)


def get(name: str) -> Drug:
    """Return a drug of the catalogue.

    Parameters
    ----------
    name : str
        One of :func:`names`.

    Returns
    -------
    Drug
        The drug with every parameter, its source and its status.

    Raises
    ------
    UnknownNameError
        For a name that is not there; the message suggests the nearest.

    Examples
    --------
    >>> get("valbenazine").parameters["fraction_to_alpha"].value
    0.207
    """
    if check.text("drug", name) not in _SHIPPED:
        raise unknown("drug", name, _SHIPPED)
    return _shipped(name)


def load(path: str | os.PathLike[str]) -> Drug:
    """Return a drug of your own from a TOML file.

    Parameters
    ----------
    path : str or path
        A file in the format of the shipped ones: ``[parameters]``, ``[[dose]]``,
        ``[[compartment]]``, ``[[absorption]]``, ``[[exchange]]``,
        ``[[elimination]]``, and ``[moiety."name"]`` for moieties of your own.

    Returns
    -------
    Drug
        The drug; hand it to :func:`vmatcore.simulate` with ``drugs=[drug]``.

    Raises
    ------
    FileFormatError
        If the file cannot be read or is not TOML.
    ParameterError
        If a key breaks its rule; the message names the key.
    """
    if not isinstance(path, str | os.PathLike):
        raise ParameterTypeError(f"`path` must be a path, got {shown(path)}")
    return read_drug(read_toml(Path(path)), moieties(), get)


@cache
def moieties() -> Mapping[str, Moiety]:
    """Return the moieties that ship with the package, by name."""
    return read_moieties(read_toml(_DATA / "moieties.toml"), {})


@cache
def enzymes() -> Mapping[str, Mapping[str, Quantity]]:
    """Return the activity of each enzyme by phenotype, relative to the normal one."""
    tables = read_toml(_DATA / "enzymes.toml")
    return {name: read_quantities(name, table) for name, table in tables.items()}


class Covariates(NamedTuple):
    """What besides the drug changes the activity of enzymes.

    Parameters
    ----------
    activity_score : mapping of str to Quantity
        By enzyme: the score of the normal activity.
    classes : mapping of str to mapping of str to Quantity
        By class of comedication and enzyme: the factor on its activity.
    comedications : mapping of str to str
        By name: the class.
    hepatic_impairment : mapping of str to Quantity
        By degree: the activity of every enzyme.
    """

    activity_score: Mapping[str, Quantity]
    classes: Mapping[str, Mapping[str, Quantity]]
    comedications: Mapping[str, str]
    hepatic_impairment: Mapping[str, Quantity]


@cache
def covariates() -> Covariates:
    """Return what comedication, an activity score and hepatic impairment do to enzymes.

    Examples
    --------
    >>> covariates().comedications["paroxetine"]
    'strong CYP2D6 inhibitor'
    """
    tables = read_toml(_DATA / "covariates.toml")
    return Covariates(
        activity_score=read_quantities("activity_score", tables["activity_score"]),
        classes={name: read_quantities(name, table) for name, table in tables["class"].items()},
        comedications=tables["comedication"],
        hepatic_impairment=read_quantities("hepatic_impairment", tables["hepatic_impairment"]),
    )


@cache
def brain() -> Mapping[str, Quantity]:
    """Return the parameters of the laws of brain entry."""
    return read_quantities("brain", read_toml(_DATA / "brain.toml"))
