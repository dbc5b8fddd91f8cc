"""How soon a call stops once its token is used."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from vmatcore import CancelToken
from vmatcore.errors import CancelledError


def stopped_after_s(call: Callable[[CancelToken], object], *, used_after_s: float = 0.1) -> float:
    """Return how long the call goes on after its token is used; it must not end before."""
    token, used_at = CancelToken(), []

    def use():
        used_at.append(time.monotonic())
        token.cancel()

    timer = threading.Timer(used_after_s, use)
    timer.start()
    with pytest.raises(CancelledError):
        call(token)
    stopped_at = time.monotonic()
    timer.join()
    return stopped_at - used_at[0]
