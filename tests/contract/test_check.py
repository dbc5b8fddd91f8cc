"""The checks that constructors share, each told in words that name the argument."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from vmatcore.check import flag, listed, number, numbers, text, times, whole
from vmatcore.errors import ParameterError, ParameterTypeError

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    "value", [3, 3.0, np.float32(3), np.int64(3), np.array(3), Fraction(3), Decimal(3)]
)
def test_a_number_of_any_numeric_type_becomes_a_float(value):
    assert number("a", value) == 3.0
    assert type(number("a", value)) is float


@pytest.mark.parametrize("value", [3, np.int8(3), np.uint64(3), np.array(3)])
def test_a_whole_number_of_any_integer_type_becomes_an_int(value):
    assert whole("a", value) == 3
    assert type(whole("a", value)) is int


@pytest.mark.parametrize(
    ("limits", "good", "bad", "rule"),
    [
        ({}, -1e300, INF, "must be finite, got inf"),
        ({"minimum": 0}, 0.0, -1, "must be finite and not negative, got -1"),
        ({"minimum": 0, "exclusive": True}, 5e-324, 0, "must be finite and positive, got 0"),
        ({"minimum": 5}, 5, 4.9, "must be finite and at least 5, got 4.9"),
        ({"minimum": 5, "exclusive": True}, 5.1, 5, "must be finite and more than 5, got 5"),
        ({"maximum": 5}, 5, 5.1, "must be finite and at most 5, got 5.1"),
        ({"maximum": 5, "exclusive": True}, 4.9, 5, "must be finite and less than 5, got 5"),
        ({"minimum": 0, "maximum": 1}, 1, 1.5, "must be in [0, 1], got 1.5"),
        ({"minimum": 0, "maximum": 1}, 0, NAN, "must be in [0, 1], got nan"),
        ({"minimum": 0, "maximum": 1, "exclusive": True}, 0.5, 1, "must be in (0, 1), got 1"),
    ],
)
def test_a_limit_is_kept_and_told(limits, good, bad, rule):
    assert number("share", good, **limits) == good
    with pytest.raises(ParameterError) as caught:
        number("share", bad, **limits)
    assert str(caught.value) == f"`share` {rule}"


@pytest.mark.parametrize(
    ("limits", "bad", "rule"),
    [
        ({"minimum": 0}, -1, "must be not negative, got -1"),
        ({"minimum": 1}, 0, "must be at least 1, got 0"),
        ({"maximum": 9}, 10, "must be at most 9, got 10"),
        ({"minimum": 1, "maximum": 20_000_000}, 0, "must be in [1, 20000000], got 0"),
    ],
)
def test_a_limit_of_whole_numbers_is_told_in_full(limits, bad, rule):
    with pytest.raises(ParameterError) as caught:
        whole("sites", bad, **limits)
    assert str(caught.value) == f"`sites` {rule}"


def test_a_number_of_a_list_is_named_by_its_place():
    assert numbers("edges", (1, np.int8(2)), minimum=0) == [1.0, 2.0]
    with pytest.raises(ParameterError) as caught:
        numbers("edges", [1, -2], minimum=0)
    assert str(caught.value) == "`edges[1]` must be finite and not negative, got -2"


def test_times_may_be_equal_and_not_go_back():
    assert times("time_s", np.array([0, 3, 3])) == [0.0, 3.0, 3.0]
    for bad, rule in (
        ([5, 4], "`time_s[1]` must not be before the time before it, got 4.0"),
        ([-1], "`time_s[0]` must be finite and not negative, got -1"),
    ):
        with pytest.raises(ParameterError) as caught:
            times("time_s", bad)
        assert str(caught.value) == rule


@pytest.mark.parametrize("bad", [1, 0, None, "True", np.True_])
def test_only_true_and_false_are_flags(bad):
    assert flag("reset", False) is False
    with pytest.raises(ParameterTypeError) as caught:
        flag("reset", bad)
    assert str(caught.value).startswith("`reset` must be True or False, got ")


def test_a_text_becomes_a_plain_str():
    assert type(text("drug", np.str_("a"))) is str
    with pytest.raises(ParameterTypeError, match="`drug` must be a text"):
        text("drug", b"a")


def test_a_list_is_taken_in_its_order_and_an_iterator_is_refused():
    assert listed("a", (3, 1)) == listed("a", np.array([3, 1])) == listed("a", [3, 1]) == [3, 1]
    for bad in ("31", b"31", {3: 1}, {3, 1}, iter([3, 1]), np.array(3), None, list):
        with pytest.raises(ParameterTypeError, match="`a` must be a list, a tuple or an array"):
            listed("a", bad)


@pytest.mark.parametrize("bad", [NAN, INF, -INF, -0.5, 7.5])
@pytest.mark.parametrize("place", [0, 3, 9])
def test_an_array_is_checked_like_a_list(bad, place):
    items = [float(i % 7) for i in range(10)]
    limits = {"minimum": 0, "maximum": 7}
    assert numbers("a", np.array(items), **limits) == numbers("a", items, **limits) == items
    items[place] = bad
    for given in (items, np.array(items), np.array(items)[::1], np.array(items + items)[:10]):
        with pytest.raises(ParameterError, match=rf"`a\[{place}\]` must be") as error:
            numbers("a", given, **limits)
        assert repr(bad) in str(error.value)
    assert numbers("a", np.array([1e308, 1e308])) == [1e308, 1e308]
    with pytest.raises(ParameterError, match=r"`a\[0\]`"):
        numbers("a", np.array([0.0, 1.0]), minimum=0, exclusive=True)
