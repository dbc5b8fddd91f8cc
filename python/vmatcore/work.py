"""How a long call runs: threads, a bar, a way to stop, and memory asked for before it is used."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from vmatcore import check
from vmatcore._core import CancelToken
from vmatcore.errors import (
    CancelledError,
    MemoryLimitError,
    ParameterError,
    ParameterTypeError,
    shown,
)

__all__ = ["CancelToken", "Work", "available_bytes", "claim"]

_THREADS_VARIABLE = "VMATCORE_NUM_THREADS"
_MOST_THREADS = 1024

#: A call shorter than this shows no bar.
_QUIET_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a call tells the core: how many threads, whom to tell of progress, who may stop it.

    Parameters
    ----------
    threads : int, optional
        How many threads; by default the environment variable
        ``VMATCORE_NUM_THREADS``, else all cores this process may use, and one
        inside a Dask worker. The number never changes a result.
    progress : bool or callable, optional
        A callable is given the rows done so far. True shows a bar, False none;
        by default a bar shows on an interactive terminal after 2 s.
    cancel : CancelToken, optional
        Stops the call from any thread.
    total : int
        How many rows there are.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.
    CancelledError
        If the token was used before the call.
    """

    threads: int
    progress: Callable[[int], Any] | None = None
    cancel: CancelToken | None = None

    @staticmethod
    def start(
        *,
        threads: int | None = None,
        progress: bool | Callable[[int], Any] | None = None,
        cancel: CancelToken | None = None,
        total: int = 0,
    ) -> Work:
        """Return checked settings for one call."""
        if cancel is not None and not isinstance(cancel, CancelToken):
            raise ParameterTypeError(f"`cancel` must be a CancelToken, got {shown(cancel)}")
        if cancel is not None and cancel.cancelled:
            raise CancelledError("cancelled by the caller")
        return Work(threads=_threads(threads), progress=_progress(progress, total), cancel=cancel)

    def after(self, rows: int) -> Work:
        """Return the same settings for a part of the call that follows ``rows`` finished ones."""
        tell = self.progress
        if tell is None:
            return self
        return replace(self, progress=lambda done: tell(rows + done))

    def quiet(self) -> Work:
        """Return the same settings for a part of the call too short to speak of."""
        return replace(self, progress=None)


def _threads(threads: int | None) -> int:
    if threads is not None:
        return check.whole("threads", threads, minimum=1, maximum=_MOST_THREADS)
    named = os.environ.get(_THREADS_VARIABLE)
    if named is not None:
        plain = named.isascii() and named.isdigit() and len(named) <= len(str(_MOST_THREADS))
        if not plain or not 1 <= int(named) <= _MOST_THREADS:
            raise ParameterError(
                f"`{_THREADS_VARIABLE}` must be a whole number from 1 to {_MOST_THREADS}, "
                f"got {shown(named)}"
            )
        return int(named)
    worker = sys.modules.get("distributed.worker")
    if worker is not None and getattr(worker, "Worker", None) is not None:
        try:
            worker.get_worker()
        except ValueError:
            pass
        else:
            return 1
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def _progress(
    progress: bool | Callable[[int], Any] | None, total: int
) -> Callable[[int], Any] | None:
    if callable(progress):
        return progress
    if progress is not None and not isinstance(progress, bool):
        raise ParameterTypeError(
            f"`progress` must be None, True, False or a callable, got {shown(progress)}"
        )
    if progress is False or (progress is None and not sys.stderr.isatty()) or total == 0:
        return None
    return _Bar(total, quiet_s=_QUIET_SECONDS if progress is None else 0.0)


class _Bar:
    """A click progress bar that appears only when a call takes long."""

    def __init__(self, total: int, quiet_s: float) -> None:
        self._total = total
        self._start = time.monotonic() + quiet_s
        self._bar: Any = None
        self._shown = 0

    def __call__(self, done: int) -> None:
        if self._bar is None:
            if time.monotonic() < self._start or done >= self._total:
                return
            import click

            self._bar = click.progressbar(length=self._total, file=sys.stderr)
            self._bar.__enter__()
        self._bar.update(done - self._shown)
        self._shown = done
        if done >= self._total:
            self._bar.__exit__(None, None, None)


def available_bytes() -> int | None:
    """Return how much memory this process can still take, or None where it is not known."""
    limits = []
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            for line in lines:
                if line.startswith("MemAvailable:"):
                    limits.append(int(line.split()[1]) * 1024)
    except OSError:
        if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
            limits.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    try:
        import resource

        soft, _ = resource.getrlimit(resource.RLIMIT_AS)
        if soft != resource.RLIM_INFINITY:
            with open("/proc/self/statm", encoding="ascii") as statm:
                taken = int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
            limits.append(max(soft - taken, 0))
    except (ImportError, OSError):
        pass
    return min(limits, default=None)


def claim(
    what: str,
    *shapes: tuple[int, ...],
    working: int = 0,
    item_bytes: int = 8,
    fewer: str = "subjects, times or compartments",
) -> int:
    """Refuse arrays that cannot fit, before any of them is made.

    Parameters
    ----------
    what : str
        What the arrays are, for the message.
    *shapes : tuple of int
        Their shapes.
    working : int
        Bytes that the call takes besides these arrays.
    item_bytes : int
        Bytes of one number in the arrays.
    fewer : str
        What the caller could ask for less of, for the message.

    Returns
    -------
    int
        The bytes of the arrays together.

    Raises
    ------
    MemoryLimitError
        If they need more than the process can take.

    Examples
    --------
    >>> claim("the readings", (1000, 2, 500))
    8000000
    """
    total = 0
    for shape in shapes:
        count = 1
        for length in shape:
            count *= length
        total += item_bytes * count
    available = available_bytes()
    needed = total + working
    if needed >= 2**62 or (available is not None and needed > available):
        sizes = "x".join(str(length) for length in shapes[0])
        room = "" if available is None else f", but {available / 1e9:.3g} GB are free"
        raise MemoryLimitError(
            f"{what} ({sizes} numbers) need {needed / 1e9:.3g} GB{room}: take fewer {fewer}"
        )
    return total
