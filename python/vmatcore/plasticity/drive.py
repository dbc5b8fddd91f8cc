"""What drives learning: bursts, dips and tone of each epoch, relative to those without drug."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from vmatcore import check
from vmatcore.errors import ParameterError, ParameterTypeError, shown
from vmatcore.plasticity.presets import BURST_CHANCE
from vmatcore.signal.result import Readouts

__all__ = ["Drive"]

_LIMITS = {
    "days": 1e6,
    "burst": 1e6,
    "dip": 1e6,
    "tone": 1e6,
    "burst_chance": 1.0,
}
_MOST_EPOCHS = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Drive:
    """Epochs in which nothing changes, one after another.

    Parameters
    ----------
    days : sequence of float
        Length of each epoch in d.
    burst : float or sequence of float
        D1 burst occupancy over that without drug.
    dip : float or sequence of float
        Depth of dips over that without drug.
    tone : float or sequence of float
        Tonic amine over that without drug; it drives the signs, not the learning.
    burst_chance : float or sequence of float
        Chance of a burst in a trial. Above :class:`Learning`'s ``expected`` the
        bursts are aberrant; equal to it, a synapse keeps its weight.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.

    Examples
    --------
    >>> ill = Drive.steady(days=200)
    >>> treated = Drive.steady(days=56, burst=0.2, dip=0.3, tone=0.4)
    >>> course = ill.then(treated).then(Drive.steady(days=28))
    >>> len(course), course.burst[210]
    (284, 0.2)
    """

    days: Sequence[float]
    burst: float | Sequence[float] = 1.0
    dip: float | Sequence[float] = 1.0
    tone: float | Sequence[float] = 1.0
    burst_chance: float | Sequence[float] = BURST_CHANCE.value

    def __post_init__(self) -> None:
        epochs = len(check.listed("days", self.days))
        check.whole("number of epochs", epochs, minimum=0, maximum=_MOST_EPOCHS)
        for name, most in _LIMITS.items():
            object.__setattr__(self, name, _column(name, getattr(self, name), epochs, most))

    def __len__(self) -> int:
        return len(self.days)

    @staticmethod
    def steady(
        *,
        days: float,
        every_days: float = 1.0,
        burst: float = 1.0,
        dip: float = 1.0,
        tone: float = 1.0,
        burst_chance: float = BURST_CHANCE.value,
    ) -> Drive:
        """Return epochs of ``every_days`` d that are all alike; the last may be shorter.

        Examples
        --------
        >>> Drive.steady(days=2.5).days
        (1.0, 1.0, 0.5)
        """
        whole = check.number("days", days, minimum=0, maximum=1e6)
        step = check.number("every_days", every_days, minimum=1e-3, maximum=1e6)
        count = math.ceil(whole / step - 1e-9)
        check.whole("number of epochs", count, minimum=0, maximum=_MOST_EPOCHS)
        lengths = [step] * (count - 1) + [whole - step * (count - 1)] if count else []
        return Drive(days=lengths, burst=burst, dip=dip, tone=tone, burst_chance=burst_chance)

    @staticmethod
    def from_readouts(
        baseline: Readouts,
        epochs: Iterable[tuple[float, Readouts]],
        *,
        burst_chance: float | Sequence[float] = BURST_CHANCE.value,
    ) -> Drive:
        """Return the drive of a region's signal.

        Parameters
        ----------
        baseline : Readouts
            ``result.readouts()`` of the same region and spikes without drug.
        epochs : sequence of (float, Readouts)
            Length in d and readouts of each epoch.
        burst_chance
            As for the class.

        Raises
        ------
        ParameterError, ParameterTypeError
            If a baseline has no burst, no dip or no tone to compare with.

        Examples
        --------
        >>> import vmatcore as vm
        >>> train = vm.spikes.tonic_burst(duration_s=40, seed=1)
        >>> def levels(molecules):
        ...     content = vm.ConstantQuantum(molecules=molecules)
        ...     mean = vm.release.expected(vm.Synapse.dopamine(), train, content=content)
        ...     return vm.signal.simulate(mean, vm.Region.dorsal_striatum()).readouts(since_s=5)
        >>> drive = Drive.from_readouts(levels(3000), [(28.0, levels(900))])
        >>> 0 < drive.burst[0] < 0.5
        True
        """
        if not isinstance(baseline, Readouts):
            raise ParameterTypeError(f"`baseline` must be Readouts, got {shown(baseline)}")
        columns: dict[str, list[float]] = {"days": [], "burst": [], "dip": [], "tone": []}
        parts = {"burst": "d1_burst", "dip": "pause_depth", "tone": "tonic"}
        for part in parts.values():
            below = getattr(baseline, part)
            if not (math.isfinite(below) and below > 0.0):
                raise ParameterError(
                    f"`baseline.{part}` must be finite and positive, got {below!r}"
                )
        for i, entry in enumerate(check.listed("epochs", epochs)):
            pair = isinstance(entry, tuple) and len(entry) == 2
            if not pair or not isinstance(entry[1], Readouts):
                raise ParameterTypeError(
                    f"`epochs[{i}]` must be a pair of days and Readouts, got {shown(entry)}"
                )
            columns["days"].append(entry[0])
            for name, part in parts.items():
                columns[name].append(getattr(entry[1], part) / getattr(baseline, part))
        return Drive(**columns, burst_chance=burst_chance)

    def then(self, other: Drive) -> Drive:
        """Return this drive followed by another."""
        if not isinstance(other, Drive):
            raise ParameterTypeError(f"`other` must be a Drive, got {shown(other)}")
        joined: dict[str, Any] = {
            entry.name: (*getattr(self, entry.name), *getattr(other, entry.name))
            for entry in fields(self)
        }
        return Drive(**joined)

    def column(self, name: str) -> list[float]:
        """Return one of the fields as a list with a number for each epoch."""
        return list(getattr(self, name))


def _column(name: str, value: object, epochs: int, most: float) -> tuple[float, ...]:
    """Return a number for each epoch from one number or a list."""
    try:
        items = check.listed(name, value)
    except ParameterTypeError:
        if name == "days":
            raise
        one = check.number(name, value, minimum=0, maximum=most)
        return (one,) * epochs
    if len(items) != epochs:
        raise ParameterError(
            f"`{name}` must have one number for each of {epochs} epochs, got {len(items)}"
        )
    return tuple(
        check.number(f"{name}[{i}]", item, minimum=0, maximum=most) for i, item in enumerate(items)
    )
