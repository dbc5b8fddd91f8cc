"""Copies of VMAT2 lost for good, and whole vesicles that replace those that lost them.

A ligand that binds for good takes copies out of each vesicle; a new vesicle comes
with all of its copies. So vesicles of different age work at different shares, and
their mean content is not that of the mean share. Between unbinding copy by copy
(every vesicle alike) and renewal by whole vesicles lies the truth; both are offered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import check
from vmatcore.arithmetic import LN_2, exponential
from vmatcore.errors import ParameterError, ParameterTypeError, shown
from vmatcore.occupancy import OccupancyResult
from vmatcore.terminal.drives import from_zero, one_for_each

if TYPE_CHECKING:
    import numpy.typing as npt

    from vmatcore.terminal.terminal import Terminal

    FloatArray = npt.NDArray[np.float64]

__all__ = ["Renewal"]

#: Ages of vesicles are followed at so many times at most: the work grows with the square.
_MOST_TIMES = 4000


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Renewal:
    """How copies are lost for good, held for a while, and renewed with their vesicle.

    A drive of :func:`vmatcore.terminal.simulate`.

    Parameters
    ----------
    time_h : sequence of float
        Times in h that rise, the first one 0; between them all is linear.
    hits : array_like (time,) or (terminal, time)
        Losses of a copy expected since 0 h: a copy there all the time still works
        with exp(-hits). Not falling.
    load : array_like, optional
        Reversible ligand over its Ki, shaped like ``hits``; 0 by default.
    renewal_per_h : float or sequence of float (terminal,)
        Share of vesicles that is replaced per h.
    failed : sequence of bool (terminal,), optional
        Terminals whose drug could not be followed; a run is NaN there. None by default.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.

    Examples
    --------
    >>> once = Renewal(time_h=[0, 1, 240], hits=[0, 2, 2], renewal_per_h=0.01)
    >>> once.mean_share().round(3).tolist()
    [[1.0, 0.138, 0.921]]
    """

    time_h: Any
    hits: Any
    renewal_per_h: Any
    load: Any = None
    failed: Any = None

    def __post_init__(self) -> None:
        times = from_zero("time_h", self.time_h)
        if len(times) > _MOST_TIMES:
            raise ParameterError(
                f"`time_h` must have at most {_MOST_TIMES} times, got {len(times)}: read less often"
            )
        hits = _rows("hits", self.hits, len(times))
        if (np.diff(hits, axis=1) < 0).any():
            raise ParameterError(f"`hits` must not fall, got {shown(self.hits)}")
        load = np.zeros_like(hits) if self.load is None else _rows("load", self.load, len(times))
        if load.shape != hits.shape:
            raise ParameterError(f"`load` must be shaped like `hits`, got {load.shape}")
        rates = np.array(_each("renewal_per_h", self.renewal_per_h))
        if len(rates) not in (1, len(hits)):
            raise ParameterError(
                f"`renewal_per_h` must be one number, or one for each of {len(hits)} terminals, "
                f"got {len(rates)}"
            )
        rates = np.array(np.broadcast_to(rates, len(hits)))
        failed = np.zeros(len(hits), bool) if self.failed is None else np.array(self.failed)
        if failed.dtype.kind != "b" or failed.shape != (len(hits),):
            raise ParameterTypeError(
                f"`failed` must be True or False for each of {len(hits)} terminals, "
                f"got {shown(self.failed)}"
            )
        fields = (("time_h", times), ("hits", hits), ("load", load), ("renewal_per_h", rates))
        for name, value in (*fields, ("failed", failed)):
            value.flags.writeable = False
            object.__setattr__(self, name, value)

    @staticmethod
    def of(occupancy: OccupancyResult) -> Renewal:
        """Return the renewal of whole vesicles behind an occupancy.

        Its recovery half-time is then the life of vesicles.

        Parameters
        ----------
        occupancy : OccupancyResult
            Read from 0 h on, often enough for straight lines.

        Raises
        ------
        ParameterError, ParameterTypeError
            If it is none, or starts later.
        """
        if not isinstance(occupancy, OccupancyResult):
            raise ParameterTypeError(
                f"`occupancy` must be an OccupancyResult, got {shown(occupancy)}"
            )
        times, pk = occupancy.time_h, occupancy.pk
        if not len(times) or times[0] != 0:
            raise ParameterError(
                f"`occupancy` must be read from 0 h on, got {shown(times[:3].tolist())}"
            )
        halved = np.empty(2 * len(times) - 1)
        halved[::2] = times
        halved[1::2] = (times[:-1] + times[1:]) / 2
        unbound = pk.read(halved, progress=False).brain_unbound_nmol_l
        per_ki = np.array([moiety.per_ki("VMAT2") for moiety in pk.moieties])
        on = np.array(
            [0.0 if m.irreversible_on is None else m.irreversible_on.value for m in pk.moieties]
        )
        load = np.einsum("smt,m->st", unbound, per_ki)
        rate = np.einsum("smt,m->st", unbound, on) / (1.0 + load)
        # Simpson's rule between the reads.
        parts = (rate[:, :-2:2] + 4.0 * rate[:, 1::2] + rate[:, 2::2]) * np.diff(times) / 6.0
        hits = np.concatenate([np.zeros((len(rate), 1)), np.cumsum(parts, axis=1)], axis=1)
        half_time = occupancy.recovery_half_time_h
        # A subject that could not be followed must not take the others with it.
        failed = ~(np.isfinite(hits).all(axis=1) & np.isfinite(load).all(axis=1))
        hits[failed], load[failed] = 0.0, 0.0
        return Renewal(
            time_h=times,
            hits=np.maximum.accumulate(hits, axis=1),
            failed=failed,
            load=load[:, ::2],
            renewal_per_h=0.0 if half_time is None else LN_2 / half_time,
        )

    def _classes(self, row: int) -> tuple[FloatArray, FloatArray]:
        """Weight and working share of vesicles by time and time of birth, (time, birth)."""
        assert isinstance(self.renewal_per_h, np.ndarray)
        times, rate = self.time_h, self.renewal_per_h[row]
        hits, load = self.hits[row], self.load_of(row)
        elapsed = times[:, None] - times[None, :]
        survive = np.where(elapsed >= 0, exponential(-rate * np.maximum(elapsed, 0.0)), 0.0)
        # First those there at 0 h, then those born between two times.
        weights = survive.copy()
        weights[:, 1:] -= survive[:, :-1]
        weights[:, 1:] *= elapsed[:, 1:] >= 0
        born = np.concatenate([hits[:1], (hits[:-1] + hits[1:]) / 2.0])
        share = exponential(-np.maximum(hits[:, None] - born[None, :], 0.0))
        return weights, share / (1.0 + load)[:, None]

    def load_of(self, row: int) -> FloatArray:
        """Return the reversible load of one terminal over time."""
        assert self.load is not None
        load: FloatArray = self.load[row]
        return load

    def mean_share(self) -> FloatArray:
        """Return the share of all copies that works, (terminal, time).

        It does not depend on whether copies or vesicles are renewed.
        """
        return np.array(
            [
                (weights * share).sum(axis=1)
                for weights, share in map(self._classes, range(self.rows()))
            ]
        )

    def rows(self) -> int:
        """Return for how many terminals it says something."""
        return len(self.hits)

    def equivalent_share(self, terminal: Terminal, cytosol_umol_l: FloatArray) -> FloatArray:
        """Return the share at which equal vesicles would hold what these hold together.

        Parameters
        ----------
        terminal : Terminal
            Its VMAT2, leak and release at rest.
        cytosol_umol_l : ndarray (terminal, time)
            Cytosolic amine at ``time_h``.

        Returns
        -------
        ndarray (terminal, time)

        Notes
        -----
        A vesicle with share f holds f in/(f out + lost), with ``in`` and ``out`` what
        VMAT2 carries and ``lost`` the leak and release; it settles in minutes, and the
        ages of vesicles change over days.
        """
        rows = np.empty((len(cytosol_umol_l), len(self.time_h)))
        km = np.broadcast_to(terminal.value("vmat_km_umol_l"), len(rows))
        efflux = np.broadcast_to(terminal.value("vmat_efflux_per_h"), len(rows))
        lost = np.broadcast_to(
            np.add(terminal.value("vesicle_leak_per_h"), terminal.value("release_per_h")), len(rows)
        )
        classes: dict[int, tuple[FloatArray, FloatArray]] = {}
        for row in range(len(rows)):
            own = row if self.rows() > 1 else 0
            if own not in classes:
                classes = {own: self._classes(own)}
            weights, share = classes[own]
            out = efflux[row] * km[row] / (km[row] + cytosol_umol_l[row])
            held = (weights * share / (share * out[:, None] + lost[row])).sum(axis=1)
            rows[row] = lost[row] * held / (1.0 - out * held)
        return np.clip(rows, 0.0, 1.0)


def _each(name: str, value: object) -> list[float]:
    limits: dict[str, Any] = {"minimum": 0, "maximum": 1e6}
    if not hasattr(value, "__len__") or getattr(value, "shape", None) == ():
        return [check.number(name, value, **limits)]
    return check.numbers(name, value, **limits)


def _rows(name: str, value: object, length: int) -> FloatArray:
    rows = one_for_each(name, value, length)
    if not len(rows):
        raise ParameterError(
            f"`{name}` must have one number for each of {length} times, got shape {rows.shape}"
        )
    if not (np.isfinite(rows) & (rows >= 0)).all():
        raise ParameterError(f"`{name}` must be finite and not negative, got {shown(value)}")
    return rows
