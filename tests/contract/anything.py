"""Whatever can be thrown at a public function, and what may come out of it."""

from __future__ import annotations

import datetime
import decimal
import fractions
import time

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.contract.family import Unprintable, keeps_the_rules
from vmatcore.errors import VmatError

quiet = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
some = settings(derandomize=True, max_examples=60, deadline=None, suppress_health_check=quiet)
many = settings(some, max_examples=400)

#: No call below is given work that takes longer, even on a slow machine.
LONGEST_S = 5.0


def one_of_these(values):
    """Like sampled_from, which would have to print what cannot be printed."""
    return st.integers(0, len(values) - 1).map(lambda at: values[at])


NUMBERS = st.one_of(
    st.floats(),
    st.integers(),
    one_of_these([0, -0.0, 1e-300, 5e-324, 1e308, -1e308, 2**63, 2**64, 10**400, 10**5000]),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    NUMBERS,
    st.complex_numbers(),
    st.text(max_size=20),
    st.binary(max_size=5),
    one_of_these(
        [
            "", "nan", "1e5", "\ud800", "a\0b", "x" * 10_000, "valbenazine", "normal", "pk",
            object(), Unprintable(), int, NotImplemented, ..., slice(None), range(3), bytearray(1),
            decimal.Decimal("0.1"), decimal.Decimal("nan"), fractions.Fraction(1, 3),
            datetime.datetime(2026, 1, 1), datetime.timedelta(hours=1),
            np.float32(1.5), np.int8(-1), np.uint64(2**64 - 1), np.bool_(True), np.complex64(1),
            np.datetime64("NaT"), np.timedelta64(3, "h"), np.longdouble("1e4000"), np.str_("a"),
        ]
    ),
)  # fmt: skip
ARRAYS = st.one_of(
    st.lists(NUMBERS, max_size=5).map(lambda values: np.array(values, dtype=object)),
    st.lists(st.floats(), max_size=5).map(np.array),
    st.lists(st.floats(width=16), max_size=5).map(lambda values: np.array(values, ">f2")),
    one_of_these(
        [
            np.ones(()), np.ones((2, 2)), np.ones((0, 3)), np.zeros(0), np.zeros(0, "U1"),
            np.array([True]), np.array(["a"]), np.array([b"a"]), np.array([1j]), np.array([None]),
            np.array(["2026"], "M8[Y]"), np.array([1, 2], "m8[h]"), np.array([[1], [2]], object),
            np.zeros(2, [("a", "f8")]), np.zeros(2, "V4"), np.array([2**64 - 1]),
            np.ma.masked_array([1.0, 2.0], [False, True]), np.rec.array([(1,)], names="a"),
            np.broadcast_to(1.0, 3), np.array([1e308, 1e308]), np.array([0.0, np.nan]),
        ]
    ),
)  # fmt: skip
ANYTHING = st.recursive(
    SCALARS | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3)
        | st.frozensets(st.integers(), max_size=3)
        | st.lists(inner, max_size=2).map(iter)
    ),
    max_leaves=6,
)


def attempt(call):
    """Only an error of the family may come out, and it keeps the rules of all errors."""
    start, error = time.perf_counter(), None
    try:
        call()
    except VmatError as caught:
        error = caught
    assert time.perf_counter() - start < LONGEST_S
    if error is not None:
        keeps_the_rules(error)
