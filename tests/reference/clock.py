"""How the time of a call grows with its size, steadily enough to assert on."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def growth(call: Callable[[Any], object], small: Any, large: Any, *, rounds: int = 5) -> float:
    """Return how much longer the large call takes, each at its best of some rounds.

    The two take turns, so that a busy machine slows both.
    """
    best = {0: float("inf"), 1: float("inf")}
    for _ in range(rounds):
        for place, argument in enumerate((small, large)):
            start = time.process_time()
            call(argument)
            best[place] = min(best[place], time.process_time() - start)
    return best[1] / best[0]
