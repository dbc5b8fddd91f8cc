"""Conversions at the edge; inside, amounts are nmol, volumes L, times h."""

from __future__ import annotations

__all__ = ["SECONDS_PER_H", "ng_ml_per_nmol_l", "nmol_per_mg"]

#: Seconds of an hour.
SECONDS_PER_H = 3600.0


def nmol_per_mg(molar_mass_g_mol: float) -> float:
    """Return how many nmol one mg is.

    Examples
    --------
    >>> nmol_per_mg(250.0)
    4000.0
    """
    return 1e6 / molar_mass_g_mol


def ng_ml_per_nmol_l(molar_mass_g_mol: float) -> float:
    """Return how many ng/mL one nmol/L is."""
    return molar_mass_g_mol / 1000.0
