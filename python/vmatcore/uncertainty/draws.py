"""Draws of constants: each has a stream of its own, so that arms and calls are paired."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vmatcore import _core
from vmatcore.errors import SolverError
from vmatcore.terminal import Terminal
from vmatcore.uncertainty.constants import Constant, in_terminal
from vmatcore.work import CancelToken, Work

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["Draws", "draw"]

_POPULATION = dict(_core.random_stages())["population"]

#: How far a terminal's content at rest may lie from its own value; assumed.
_MOST_APART = 3.0

#: How often one draw is made at most, and numbers set aside for each attempt.
_MOST_ATTEMPTS = 200
_DRAWS_EACH = 1 << 20

#: Standard deviations to either end of a 95 % interval.
_TO_AN_END = 1.96


@dataclass(frozen=True, kw_only=True)
class Draws:
    """Values of constants, draw by draw.

    Attributes
    ----------
    count : int
        How many draws.
    constants : tuple of Constant
        What was drawn; what has no spread is left out.
    values : dict of str to ndarray (draw,)
        By the name of the constant.
    drawn_again : int
        How often the constants of a terminal, or of terminals that share some, were drawn
        again.
    """

    count: int
    constants: tuple[Constant, ...]
    values: dict[str, FloatArray]
    drawn_again: int

    def of(self, number: int) -> dict[str, float]:
        """Return the values of one draw."""
        return {name: float(values[number]) for name, values in self.values.items()}

    def starting(self, start: str) -> dict[str, FloatArray]:
        """Return the values whose names begin so, without that beginning."""
        return {
            name.removeprefix(start): values
            for name, values in self.values.items()
            if name.startswith(start)
        }

    def unknowns(self) -> dict[str, FloatArray]:
        """Return the values once for each unknown number, by the first name it has."""
        first: dict[str, str] = {}
        for constant in self.constants:
            first.setdefault(constant.key, constant.name)
        return {name: self.values[name] for name in first.values()}


def draw(
    constants: Iterable[Constant],
    seed: int,
    count: int,
    terminals: Mapping[str, Terminal] | None = None,
    *,
    threads: int | None = None,
    cancel: CancelToken | None = None,
) -> Draws:
    """Draw constants, and again those of terminals that are none at rest.

    Parameters
    ----------
    constants : iterable of Constant
        The constants; those without a spread are left out.
    seed, count : int
        Seed, and how many draws.
    terminals : mapping of str to Terminal, optional
        By site, whose content at rest must stay within a factor of its own.
    threads, cancel
        See :class:`vmatcore.work.Work`.

    Returns
    -------
    Draws
        Draw ``i`` of a constant depends on the seed, its key and ``i`` alone: not on how
        many draws there are, nor on what else is drawn, save for what is drawn again.

    Raises
    ------
    SolverError
        If a draw of a terminal was never good.
    CancelledError
        If the token was used.

    Notes
    -----
    From a triangle between the ends of the spread, its peak at the value, on a logarithmic
    scale where both ends are above 0. A fitted number comes from two halves of a normal law
    on that scale, which have their median at the value and 2.5 % beyond each end; where
    the lower end is 0, the lower half is on a plain scale and stops at 0.

    What is drawn again are all constants of a terminal, and with them those of every
    terminal that shares one: a number keeps one value wherever it stands.

    Examples
    --------
    >>> from vmatcore.drugs import Quantity
    >>> ki = Quantity(
    ...     value=2.0, unit="nmol/L", source="an example", status="assumed", low=1.0, high=4.0
    ... )
    >>> found = draw([Constant("ki", ki, "ki")], 1, 3)
    >>> all(1 < value < 4 for value in found.values["ki"])
    True
    """
    spread = tuple(one for one in constants if one.quantity.spread != (one.quantity.value,) * 2)
    values = {one.name: _values(one, seed, count, 0) for one in spread}
    again, work = 0, Work.start(threads=threads, progress=False, cancel=cancel)
    for keys, together in _together(spread, terminals or {}):
        own = [one for one in spread if one.key in keys]
        again += _rested(together, own, values, seed, count, work)
    return Draws(count=count, constants=spread, values=values, drawn_again=again)


def _together(
    spread: Iterable[Constant], terminals: Mapping[str, Terminal]
) -> list[tuple[set[str], dict[str, Terminal]]]:
    """Return the keys and terminals of each set of sites that have constants in common."""
    groups: list[tuple[set[str], dict[str, Terminal]]] = []
    for site, terminal in terminals.items():
        keys = {one.key for one in spread if one.name.startswith(in_terminal(site))}
        together, apart = {site: terminal}, []
        for group in groups:
            if keys & group[0]:
                keys, together = keys | group[0], {**group[1], **together}
            else:
                apart.append(group)
        groups = [*apart, (keys, together)]
    return groups


def _rested(
    terminals: Mapping[str, Terminal],
    own: list[Constant],
    values: dict[str, FloatArray],
    seed: int,
    count: int,
    work: Work,
) -> int:
    """Draw constants again where one of their terminals is none at rest; say how often."""
    if not own:
        return 0
    left, again = np.arange(count), 0
    for attempt in range(1, _MOST_ATTEMPTS + 1):
        rests = np.ones(len(left), dtype=bool)
        for site, terminal in terminals.items():
            start = in_terminal(site)
            rows = {
                one.name.removeprefix(start): values[one.name][left]
                for one in own
                if one.name.startswith(start)
            }
            rests &= _rests(terminal, rows, work)
        left = left[~rests]
        again += len(left)
        if not len(left):
            return again
        for one in own:
            values[one.name][left] = _values(one, seed, int(left[-1]) + 1, attempt)[left]
    names = " and ".join(terminal.name for terminal in terminals.values())
    raise SolverError(
        f"no draw of the constants of {names} has a content at rest within a factor of "
        f"{_MOST_APART:g} of its own, for {_MOST_ATTEMPTS} attempts"
    )


def _rests(terminal: Terminal, rows: Mapping[str, FloatArray], work: Work) -> npt.NDArray[np.bool_]:
    """Whether each draw leaves the content at rest within a factor of the terminal's own."""
    _, states, _ = _core.terminal_names(terminal.amine)
    with_own = {
        name: np.concatenate([[terminal.value(name)], values]) for name, values in rows.items()
    }
    table = terminal.with_values(with_own).table()
    content = _core.terminal_steady(work, terminal.amine, table)[:, states.index("content")]
    ratio = content[1:] / content[0]
    good: npt.NDArray[np.bool_] = (ratio > 1.0 / _MOST_APART) & (ratio < _MOST_APART)
    return good


def _values(constant: Constant, seed: int, count: int, attempt: int) -> FloatArray:
    """Return draws of one constant; each attempt has numbers of its own."""
    # SHA-256 is the same everywhere; Python's own hash of a text is not.
    digest = hashlib.sha256(constant.key.encode()).digest()
    stream = int.from_bytes(digest[:8], "little")
    kind = "uniform" if constant.law == "triangle" else "normal"
    drawn = _core.random_draws(kind, seed, _POPULATION, stream, count, attempt * _DRAWS_EACH)
    return _triangular(constant, drawn) if constant.law == "triangle" else _halves(constant, drawn)


def _triangular(constant: Constant, uniform: FloatArray) -> FloatArray:
    """Return the quantiles of a triangle with its peak at the value."""
    low, high = constant.quantity.spread
    mode = constant.quantity.value
    plain = constant.quantity.unit == "log10" or low <= 0
    if not plain:
        low, mode, high = _core.math_ln(np.array([low, mode, high])).tolist()
    width = high - low
    below = low + np.sqrt(uniform * width * (mode - low))
    above = high - np.sqrt((1.0 - uniform) * width * (high - mode))
    found: FloatArray = np.where(uniform * width < mode - low, below, above)
    return found if plain else _core.math_exp(found)


def _halves(constant: Constant, normal: FloatArray) -> FloatArray:
    """Return the value moved by standard deviations, which differ to either side."""
    (low, high), value = constant.quantity.spread, constant.quantity.value
    steps = normal / _TO_AN_END
    plain = np.maximum(value + np.where(steps < 0, value - low, high - value) * steps, 0.0)
    if value <= 0:
        return plain
    ends = [max(low, value / 2.0) if low <= 0 else low, value, high]
    down, middle, up = _core.math_ln(np.array(ends)).tolist()
    logarithms = middle + np.where(steps < 0, middle - down, up - middle) * steps
    found = _core.math_exp(logarithms)
    return np.where(steps < 0, plain, found) if low <= 0 else found
