"""The names of the outcome, and its numbers, read once from its data file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from vmatcore import check
from vmatcore.drugs.quantity import Quantity
from vmatcore.drugs.reading import read_quantities, read_toml
from vmatcore.errors import unknown

__all__ = ["DRIVERS", "HAZARDS", "PEAKED", "SIDE_EFFECTS", "conditions", "sources"]

#: What can drive the benefit.
DRIVERS = ("d2", "log_release", "occupancy")

#: How instantaneous falls count: by their square, so peaks cost more, or by their mean.
HAZARDS = ("convex", "linear")

#: What is given as a chance.
SIDE_EFFECTS = ("akathisia", "parkinsonism", "somnolence", "depression", "prolactin raised")

#: Those of them that count a convex hazard if asked to.
PEAKED = ("akathisia", "somnolence")

_DATA = Path(__file__).parent / "data"


@cache
def _tables() -> dict[str, dict[str, Quantity]]:
    read = read_toml(_DATA / "outcome.toml")
    people = read.pop("condition")
    found = {name: read_quantities(name, table) for name, table in read.items()}
    for name, table in people.items():
        found[name] = read_quantities(f"condition.{name}", table)
    return found


@cache
def conditions() -> tuple[str, ...]:
    """Return the conditions whose signs have a scale here."""
    return tuple(read_toml(_DATA / "outcome.toml")["condition"])


def sources(part: str) -> Mapping[str, Quantity]:
    """Return the numbers of one part, each with unit, source, status and spread.

    Parameters
    ----------
    part : str
        ``"half_effect"``, ``"hazard"``, ``"placebo"``, ``"depression"``, ``"prolactin"``,
        ``"qtc"``, or a condition.

    Raises
    ------
    UnknownNameError
        For a part that does not exist.

    Examples
    --------
    >>> sources("half_effect")["d2"].status
    'derived'
    """
    tables = _tables()
    if check.text("part", part) not in tables:
        raise unknown("part of the outcome", part, tables)
    return dict(tables[part])
