"""How a statistical test declares itself: its name, its seed, its share, its twin.

A test of a random quantity can fail although nothing is wrong. Here that is
rationed: ``budget.toml`` gives every check a name and the probability with
which it may raise a false alarm, and the shares together stay below one in a
million. ::

    @statistical("random/exponential/moments")
    def test_exponentials_have_mean_one_and_variance_one(check):
        values = draws("exponential", check.seed, 100_000) * check.factor
        mean_and_variance(values, mean=1, variance=1, fourth_moment=9, share=check.share)

The test runs twice. With ``check.factor`` 1 its gates must pass. Its twin, with
``check.factor`` 1.05, must fail at a gate; so a test that cannot see an error
of five per cent is itself an error. Put the factor where a wrong rate would be.

The seed is hashed from the name, so nobody can pick one that passes. A gate
books the share it uses, and a test that books more than its own fails. A test
in this folder that involves no chance says so with :func:`deterministic`.
"""

from __future__ import annotations

import functools
import hashlib
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

FILE = Path(__file__).with_name("budget.toml")
BUDGET: dict[str, Any] = tomllib.loads(FILE.read_text(encoding="utf-8"))
WRONG = 1.05
"""Factor on the rate in a twin."""


class GateError(AssertionError):
    """A gate saw a value that the law does not allow."""


def seed_of(name: str) -> int:
    """Return the seed of a name: the first 8 bytes of its SHA-256, highest first."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


@dataclass(frozen=True)
class Check:
    """One run of a statistical test: the right law or its wrong twin."""

    name: str
    share: float
    """Probability of a false alarm that all gates of the test may spend together."""
    factor: float
    """1, or 1.05 in the twin; belongs where a wrong rate would be."""

    @property
    def seed(self) -> int:
        """The seed that the name decides, below 2^64."""
        return seed_of(self.name)

    def generator(self) -> np.random.Generator:
        """Return NumPy's generator with this seed, for samples not from the core."""
        return np.random.default_rng(self.seed)


@dataclass
class _Ledger:
    limit: float
    spent: float = 0.0


_ledger: ContextVar[_Ledger | None] = ContextVar("ledger", default=None)


@contextmanager
def _account(limit: float) -> Iterator[_Ledger]:
    ledger = _Ledger(limit)
    token = _ledger.set(ledger)
    try:
        yield ledger
    finally:
        _ledger.reset(token)


@contextmanager
def rehearsal() -> Iterator[None]:
    """Let gates spend what they like: for tests of the gates themselves."""
    with _account(float("inf")):
        yield


def spend(share: float) -> None:
    """Book a share of false alarms on the running test; every gate does this first."""
    if not 0.0 < share < 1.0:
        raise ValueError(f"`share` must be in (0, 1), got {share!r}")
    ledger = _ledger.get()
    if ledger is None:
        raise RuntimeError("a gate outside a test marked `statistical` or `deterministic`")
    ledger.spent += share
    if ledger.spent > ledger.limit * (1 + 1e-9):  # room for the rounding of sums of parts
        raise RuntimeError(f"gates spent {ledger.spent:g} of a share of {ledger.limit:g}")


Test = Callable[..., None]


def statistical(name: str, *, cases: Mapping[str, object] | None = None) -> Callable[[Test], Test]:
    """Declare a statistical test; it takes ``check`` and, with cases, ``case``.

    Parameters
    ----------
    name
        A key of ``[checks]`` in ``budget.toml``.
    cases
        Values to run the test for, by name. They divide the share equally and
        each has its own seed.
    """
    if name not in BUDGET["checks"]:
        raise LookupError(f"{name!r} has no share in {FILE.name}")
    total = float(BUDGET["checks"][name])
    factors = {"right": 1.0, "twin": WRONG}

    def decorate(test: Test) -> Test:
        @functools.wraps(test)
        def run(check: Check, **given: object) -> None:
            with _account(check.share) as ledger:
                try:
                    test(check=check, **given)
                except GateError:
                    if check.factor == 1.0:
                        raise
                    return
                assert ledger.spent > 0, f"{check.name}: no gate was used"
                assert check.factor == 1.0, f"{check.name}: a twin {WRONG:g} times wrong passed"

        if cases is None:
            checks = [pytest.param(Check(name, total, f), id=twin) for twin, f in factors.items()]
            return pytest.mark.parametrize("check", checks)(run)
        pairs = [
            pytest.param(Check(f"{name}/{key}", total / len(cases), f), case, id=f"{key}-{twin}")
            for key, case in cases.items()
            for twin, f in factors.items()
        ]
        return pytest.mark.parametrize(("check", "case"), pairs)(run)

    return decorate


def deterministic(test: Test) -> Test:
    """Declare that no chance is involved: the same outcome for any seed of anything."""

    @functools.wraps(test)
    def run(*given: object, **named: object) -> None:
        with rehearsal():
            test(*given, **named)

    return run
