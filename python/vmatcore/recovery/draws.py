"""Constants with a spread: which a run has, and draws of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from vmatcore import _core
from vmatcore.chain import Run
from vmatcore.drugs.moiety import Affinity, Moiety
from vmatcore.drugs.quantity import Quantity
from vmatcore.errors import SolverError
from vmatcore.terminal import Terminal
from vmatcore.work import Work

__all__ = ["drawn_values", "of", "spreads", "with_constants"]

_POPULATION = dict(_core.random_stages())["population"]

#: How far a terminal's content at rest may lie from its own value; assumed.
_MOST_APART = 3.0

#: How often one draw is made at most, and draws set aside for each attempt.
_MOST_ATTEMPTS = 200
_DRAWS_EACH = 1 << 20


def spreads(run: Run, terminal: Terminal | None) -> Iterator[tuple[str, Quantity]]:
    """Every constant behind the run that has a spread, by a name of its own."""
    taken = {dose.drug for dose in run.regimen.doses()}
    seen = set()
    for drug in run.pk.drugs:
        if drug.name not in taken:
            continue
        for name, quantity in drug.parameters.items():
            yield f"drug {drug.name}: {name}", quantity
        for moiety in drug.moieties:
            if moiety.name in seen:
                continue
            seen.add(moiety.name)
            for name, quantity in _constants(moiety).items():
                # A half-time that the caller set is not drawn.
                own = name != "recovery_half_time"
                if own or quantity.value == run.occupancy.recovery_half_time_h:
                    yield f"moiety {moiety.name}: {name}", quantity
    for name, quantity in run.pk.brain.parameters.items():
        yield f"brain: {name}", quantity
    if terminal is not None:
        for name, quantity in terminal.parameters.items():
            yield f"terminal: {name}", quantity


def _constants(moiety: Moiety) -> dict[str, Quantity]:
    found: dict[str, Quantity | None] = {
        "fraction_unbound": moiety.fraction_unbound,
        "log_p": moiety.log_p,
        "irreversible_on": moiety.irreversible_on,
        "recovery_half_time": moiety.recovery_half_time,
    }
    if "VMAT2" in moiety.affinities:
        found["ki"] = moiety.affinities["VMAT2"].ki
    return {name: quantity for name, quantity in found.items() if quantity is not None}


def of(values: Mapping[str, float], part: str) -> dict[str, float]:
    """Return the values of one part of the chain by their own names.

    Examples
    --------
    >>> of({"brain: volume": 1.3, "terminal: mao_per_h": 15.0}, "brain")
    {'volume': 1.3}
    """
    start = f"{part}: "
    return {name.removeprefix(start): v for name, v in values.items() if name.startswith(start)}


def drawn_values(
    spread: dict[str, Quantity], seed: int, count: int, terminal: Terminal | None
) -> tuple[list[dict[str, float]], int]:
    """Draw the constants, and again those of terminals that are none at rest.

    Parameters
    ----------
    spread : dict of str to Quantity
        The constants by name; those without a spread are taken out.
    seed, count : int
        Seed, and how many draws.
    terminal : Terminal or None
        Whose content at rest must stay within a factor of its own.

    Returns
    -------
    values : list of dict of str to float
        Every draw; draw ``i`` depends on the seed and ``i`` alone.
    again : int
        How many were drawn again.

    Raises
    ------
    SolverError
        If a draw was never good.

    Notes
    -----
    From a triangle between the ends of the spread, its peak at the value, on a
    logarithmic scale.

    Examples
    --------
    >>> ki = Quantity(
    ...     value=2.0, unit="nmol/L", source="an example", status="assumed", low=1.0, high=4.0
    ... )
    >>> values, again = drawn_values({"ki": ki}, 1, 3, None)
    >>> all(1 < value["ki"] < 4 for value in values), again
    (True, 0)
    """
    for name in [name for name, q in spread.items() if q.spread == (q.value, q.value)]:
        del spread[name]
    values: list[dict[str, float]] = [{} for _ in range(count)]
    left, again = list(range(count)), 0
    for attempt in range(_MOST_ATTEMPTS):
        for draw in left:
            values[draw] = _draw(spread, seed, draw, attempt)
        if terminal is None or not left:
            return values, again
        good = _rests(terminal, [values[draw] for draw in left])
        left = [draw for draw, is_good in zip(left, good, strict=True) if not is_good]
        again += len(left)
        if not left:
            return values, again
    raise SolverError(
        f"no draw of the constants of {terminal.name if terminal else 'a terminal'} has a content "
        f"at rest within a factor of {_MOST_APART:g} of its own, for {_MOST_ATTEMPTS} attempts"
    )


def _draw(spread: dict[str, Quantity], seed: int, draw: int, attempt: int) -> dict[str, float]:
    offset = attempt * _DRAWS_EACH
    uniform = _core.random_draws("uniform", seed, _POPULATION, draw, len(spread), offset)
    return {
        name: _triangular(quantity, float(u))
        for (name, quantity), u in zip(spread.items(), uniform, strict=True)
    }


def _rests(terminal: Terminal, values: list[dict[str, float]]) -> list[bool]:
    """Whether each draw leaves the content at rest within a factor of the terminal's own."""
    drawn = [of(value, "terminal") for value in values]
    rows = {name: [terminal.value(name), *(one[name] for one in drawn)] for name in drawn[0]}
    if not rows:
        return [True] * len(values)
    _, states, _ = _core.terminal_names(terminal.amine)
    work = Work.start(threads=1, progress=False)
    table = terminal.with_values(rows).table()
    content = _core.terminal_steady(work, terminal.amine, table)[:, states.index("content")]
    ratio = content[1:] / content[0]
    return [bool(1.0 / _MOST_APART < one < _MOST_APART) for one in ratio]


def _triangular(quantity: Quantity, uniform: float) -> float:
    """The quantile of a triangle with its peak at the value, on a logarithmic scale."""
    low, high = quantity.spread
    plain = quantity.unit == "log10" or low <= 0
    mode = quantity.value
    if not plain:
        low, mode, high = _core.math_ln(np.array([low, mode, high])).tolist()
    width = high - low
    if uniform * width < mode - low:
        found = low + math.sqrt(uniform * width * (mode - low))
    else:
        found = high - math.sqrt((1 - uniform) * width * (high - mode))
    return found if plain else float(_core.math_exp(np.array([found]))[0])


def with_constants(moiety: Moiety, values: Mapping[str, float]) -> Moiety:
    """Return a moiety with other values of some constants."""
    old = _constants(moiety)
    new = {name: replace(old[name], value=v, low=None, high=None) for name, v in values.items()}
    ki = new.pop("ki", None)
    affinities = dict(moiety.affinities)
    if ki is not None:
        affinities["VMAT2"] = Affinity(ki=ki, at_least=affinities["VMAT2"].at_least)
    return replace(moiety, affinities=affinities, **new)  # type: ignore[arg-type]
