"""Which constants behind a run have a spread, and which of them are one and the same."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Literal, NamedTuple

from vmatcore.drugs.moiety import TARGETS, Moiety
from vmatcore.drugs.quantity import Quantity
from vmatcore.occupancy import OccupancyResult
from vmatcore.terminal import Terminal

__all__ = [
    "Constant",
    "constants_of",
    "constants_of_terminal",
    "in_brain",
    "in_drug",
    "in_fed",
    "in_moiety",
    "in_terminal",
]


class Constant(NamedTuple):
    """A constant by name.

    Constants with one key are one unknown number that stands in several places: they are
    drawn together. The law is a triangle over the spread, or, for a number that was fitted
    and whose spread is its 95 % interval, two halves of a normal law.
    """

    name: str
    quantity: Quantity
    key: str
    law: Literal["triangle", "fitted"] = "triangle"


def in_drug(drug: str) -> str:
    """Return how the names of a drug's parameters begin."""
    return f"drug {drug}: "


def in_fed(drug: str) -> str:
    """Return how the names of a drug's factors in the fed state begin."""
    return f"fed {drug}: "


def in_moiety(moiety: str) -> str:
    """Return how the names of a moiety's constants begin."""
    return f"moiety {moiety}: "


def in_brain() -> str:
    """Return how the names of the laws of brain entry begin."""
    return "brain: "


def in_terminal(site: str) -> str:
    """Return how the names of a terminal's constants begin."""
    return f"terminal {site}: "


def _one(start: str, name: str, quantity: Quantity) -> Constant:
    # The same number under the same name, in a drug and in its heavy twin, is one unknown.
    low, high = quantity.spread
    key = f"{name} {quantity.value!r} {low!r} {high!r} {quantity.unit}"
    return Constant(start + name, quantity, key)


def constants_of(
    occupancy: OccupancyResult, *, targets: Collection[str] = TARGETS
) -> Iterator[Constant]:
    """Yield every constant of the drugs taken, their moieties and the brain.

    Parameters
    ----------
    occupancy : OccupancyResult
        Whose drugs, subjects and laws of brain entry are meant.
    targets : collection of str
        Whose Ki are drawn.

    Notes
    -----
    A published lower bound of a Ki has no spread: it stays what it is, and what it would
    hold stays out of the occupancy.

    Examples
    --------
    >>> import vmatcore as vm
    >>> run = vm.simulate("tetrabenazine 25 mg")
    >>> found = {constant.name: constant.key for constant in constants_of(run.occupancy)}
    >>> "drug tetrabenazine: plus_to_alpha" in found
    True
    >>> first, second = (f"moiety ({sign})-alpha-HTBZ: fraction_unbound" for sign in "+-")
    >>> found[first] == found[second]
    True
    """
    pk = occupancy.pk
    taken = {dose.drug for dose in pk.regimen.doses()}
    seen = set()
    for drug in pk.drugs:
        if drug.name not in taken:
            continue
        for name, quantity in drug.parameters.items():
            yield _one(in_drug(drug.name), name, quantity)
        if any(person.food == "fed" for person in pk.subjects):
            for name, quantity in drug.fed.items():
                yield _one(in_fed(drug.name), name, quantity)
        for moiety in drug.moieties:
            if moiety.name in seen:
                continue
            seen.add(moiety.name)
            for name, quantity in _of_moiety(moiety, targets).items():
                # A half-time that the caller set is not drawn.
                own = name != "recovery_half_time"
                if own or quantity.value == occupancy.recovery_half_time_h:
                    yield _one(in_moiety(moiety.name), name, quantity)
    for name, quantity in pk.brain.parameters.items():
        yield _one(in_brain(), name, quantity)


def constants_of_terminal(site: str, terminal: Terminal) -> Iterator[Constant]:
    """Yield every constant of the terminal of a site.

    Terminals of two sites share a constant that has the same name, value, spread and
    source in both: the same person's blood, or one number that was taken for both. A number
    of another source is another unknown, even where it happens to be equal.

    Examples
    --------
    >>> import vmatcore as vm
    >>> first, second = (
    ...     {one.key for one in constants_of_terminal(site, make())}
    ...     for site, make in (("a", vm.Terminal.default), ("b", vm.Terminal.norepinephrine))
    ... )
    >>> shared = {key.split()[1] for key in first & second}
    >>> "blood_tyrosine_umol_l" in shared, "dat_vmax_umol_l_h" in shared
    (True, False)
    """
    start = in_terminal(site)
    for name, quantity in terminal.parameters.items():
        one = _one(start, name, quantity)
        yield one._replace(key=f"terminal {one.key} {quantity.source}")


def _of_moiety(moiety: Moiety, targets: Collection[str]) -> dict[str, Quantity]:
    found: dict[str, Quantity | None] = {
        "fraction_unbound": moiety.fraction_unbound,
        "log_p": moiety.log_p,
        "irreversible_on": moiety.irreversible_on,
        "recovery_half_time": moiety.recovery_half_time,
        "dissociation_rate": moiety.dissociation_rate,
        "brain_permeability": moiety.brain_permeability,
        "brain_fraction_unbound": moiety.brain_fraction_unbound,
    }
    for target in targets:
        if target in moiety.affinities:
            found[f"ki {target}"] = moiety.affinities[target].ki
    return {name: quantity for name, quantity in found.items() if quantity is not None}
