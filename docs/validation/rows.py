"""The published observations."""

from __future__ import annotations

import csv
from pathlib import Path

HERE = Path(__file__).parent


def observations() -> dict[str, dict[str, str]]:
    """Return the rows of observations.csv by id."""
    with (HERE / "observations.csv").open(newline="", encoding="utf-8") as file:
        return {row["id"]: row for row in csv.DictReader(file)}
