"""The published observations."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent


def observations() -> dict[str, dict[str, str]]:
    """Return the rows of observations.csv by id."""
    with (HERE / "observations.csv").open(newline="", encoding="utf-8") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def said(row: Mapping[str, str]) -> str:
    """Return what a row is about: moiety, quantity, condition and unit."""
    condition = row["condition"].split(" ; lo/hi")[0]
    return f"{row['moiety']}: {row['quantity']} ({condition}), {row['unit']}"
