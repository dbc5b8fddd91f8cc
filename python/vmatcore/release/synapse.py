"""One synapse: its sites, their chance to release, and how they are refilled."""

from __future__ import annotations

import math
from dataclasses import dataclass

from vmatcore import check
from vmatcore.drugs.quantity import Quantity

__all__ = ["Synapse"]

_MOST_SITES = 2**24
_MOST_POOL = 2**23

#: A dopamine varicosity, each number with its source.
_DOPAMINE = {
    "sites": Quantity(
        value=5.0,
        unit="sites",
        source="assumed, so that a varicosity releases 0.06 quanta per spike at 4 Hz "
        "(doi:10.1523/JNEUROSCI.1894-10.2010) although a site takes 4 s to refill",
        status="assumed",
        low=1.0,
        high=10.0,
    ),
    "probability": Quantity(
        value=0.11,
        unit="fraction",
        source="assumed, as the sites",
        status="assumed",
        low=0.02,
        high=0.3,
    ),
    "refill_s": Quantity(
        value=4.0,
        unit="s",
        source="0.24 per s at hippocampal synapses, Wesseling and Lo 2002, "
        "doi:10.1523/JNEUROSCI.22-22-09694.2002",
        status="recalled",
        low=1.0,
        high=30.0,
    ),
    "pool_per_site": Quantity(
        value=200.0,
        unit="vesicles",
        source="assumed: 100 to 300 in a varicosity",
        status="assumed",
        low=50.0,
        high=1000.0,
    ),
    "active_share": Quantity(
        value=0.3,
        unit="fraction",
        source="varicosities with active-zone proteins, Liu 2018, doi:10.1016/j.cell.2018.01.008",
        status="measured",
        low=0.17,
        high=0.3,
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Synapse:
    """A synapse whose sites release, stay empty for a while, and are refilled.

    Parameters
    ----------
    sites : int
        Release sites, at most 2^24; n of quantal analysis.
    probability : float
        Chance that a filled site releases at a spike; p of quantal analysis.
    refill_s : float
        Mean time in s until an emptied site holds a vesicle again;
        ``math.inf`` for never.
    pool_per_site : int
        Vesicles of the recycling pool for each site, besides the one in the site;
        they matter for :class:`FillingContent` alone.
    active_share : float
        Share of synapses that release at all; the others stay silent.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.

    Examples
    --------
    >>> Synapse(sites=20, probability=0.06).steady_quanta(rate_hz=5) < 20 * 0.06
    True
    """

    sites: int
    probability: float
    refill_s: float = _DOPAMINE["refill_s"].value
    pool_per_site: int = int(_DOPAMINE["pool_per_site"].value)
    active_share: float = 1.0

    def __post_init__(self) -> None:
        sites = check.whole("sites", self.sites, minimum=0, maximum=_MOST_SITES)
        object.__setattr__(self, "sites", sites)
        for name in ("probability", "active_share"):
            share = check.number(name, getattr(self, name), minimum=0, maximum=1)
            object.__setattr__(self, name, share)
        if self.refill_s != math.inf:
            refill = check.number(
                "refill_s", self.refill_s, minimum=0, maximum=1e12, exclusive=True
            )
            object.__setattr__(self, "refill_s", refill)
        pool = check.whole("pool_per_site", self.pool_per_site, minimum=1, maximum=_MOST_POOL)
        object.__setattr__(self, "pool_per_site", pool)

    @staticmethod
    def dopamine() -> Synapse:
        """Return one dopamine varicosity.

        Examples
        --------
        >>> round(Synapse.dopamine().steady_quanta(rate_hz=4), 2)
        0.06
        """
        values = {name: quantity.value for name, quantity in _DOPAMINE.items()}
        whole = {name: int(values[name]) for name in ("sites", "pool_per_site")}
        return Synapse(**values | whole)  # type: ignore[arg-type]

    @staticmethod
    def sources() -> dict[str, Quantity]:
        """Return the constants of :meth:`dopamine` with unit, source, status and spread.

        Examples
        --------
        >>> Synapse.sources()["active_share"].status
        'measured'
        """
        return dict(_DOPAMINE)

    def steady_quanta(self, *, rate_hz: float) -> float:
        """Return the mean quanta per spike after many regular spikes, silent synapses included.

        Examples
        --------
        >>> Synapse(sites=10, probability=0.2, refill_s=1e-3).steady_quanta(rate_hz=1)
        2.0
        """
        rate = check.number("rate_hz", rate_hz, minimum=0, exclusive=True)
        empty = math.exp(-1.0 / (rate * self.refill_s))
        filled = 1.0 - empty
        if filled == 0.0:
            return 0.0
        ready = filled / (filled + self.probability * empty)
        return self.active_share * self.sites * self.probability * ready
