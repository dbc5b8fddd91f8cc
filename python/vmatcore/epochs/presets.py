"""The numbers that feed one epoch into the next, each with its reason and spread."""

from __future__ import annotations

from vmatcore.drugs.quantity import Quantity

__all__ = ["SOURCES", "sources"]

#: Growth of D2 receptors, its time, and how far signs feed learning.
SOURCES = {
    "gain": Quantity(
        value=0.25,
        unit="ratio",
        source="20 to 25 % more striatal dopamine receptors in rats after chronic haloperidol, "
        "fluphenazine or reserpine, Burt 1977, doi:10.1126/science.847477, taken as nearly no "
        "activation; about 65 % after nine months of haloperidol, Owen 1980, recalled",
        status="derived",
        low=0.1,
        high=0.65,
    ),
    "time_days": Quantity(
        value=7.0,
        unit="d",
        source="assumed: weeks of treatment raise the number, weeks without it bring it back",
        status="assumed",
        low=3.0,
        high=21.0,
    ),
    "activity_feedback": Quantity(
        value=0.5,
        unit="fraction",
        source="assumed: half of the runs of a program are its sign, half are wanted",
        status="assumed",
        low=0.0,
        high=1.0,
    ),
}


def sources() -> dict[str, Quantity]:
    """Return the numbers with unit, source, status and spread.

    Examples
    --------
    >>> sources()["gain"].spread
    (0.1, 0.65)
    """
    return dict(SOURCES)
