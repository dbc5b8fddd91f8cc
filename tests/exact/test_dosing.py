"""Regimens: what every operation keeps to the last bit."""

from __future__ import annotations

import copy
import math
import pickle
import subprocess
import sys
import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vmatcore.dosing import Course, Dose, Regimen, as_regimen
from vmatcore.errors import ParameterError

properties = settings(derandomize=True, max_examples=200, deadline=None)

V, T = "valbenazine", "tetrabenazine"

# -- random regimens ---------------------------------------------------------------------

numbers = (
    st.sampled_from([0.0, 0.1, 0.3, 4.8, 8.0, 12.5, 24.0, 168.0, 1e-5, 1e16, 5e-324, 1e300])
    | st.integers(0, 1000).map(float)
    | st.floats(0, 1e4)
    | st.floats(0, allow_infinity=False)
)
names = st.sampled_from([V, T, "(+)-htbz", "x-5", "9-desmethyl", "q24", "α.b_c"]) | st.text(
    "abeghmqx059-_()+.", min_size=1, max_size=8
)


@st.composite
def courses_of(draw):
    doses = draw(st.integers(0, 12))
    try:
        return Course(
            drug=draw(names),
            dose_mg=draw(numbers),
            start_h=draw(numbers),
            every_h=draw(numbers) if doses > 1 else None,
            doses=doses,
        )
    except ParameterError:
        assume(False)


@st.composite
def steps_of(draw):
    ordinary = st.sampled_from([4.8, 6.0, 8.0, 12.0, 24.0, 7.3])
    steps = st.tuples(numbers, ordinary, st.floats(0, 3) | st.integers(0, 3))
    return Regimen.titrate(
        draw(st.sampled_from([V, T])),
        steps=draw(st.lists(steps, max_size=4)),
        start_h=draw(st.sampled_from([0, 0.1, 24])),
    )


@st.composite
def changed(draw, inner):
    regimen = draw(inner)
    total = len(regimen.doses())
    match draw(st.sampled_from(["stop", "skip", "delay"])):
        case "stop":
            return regimen.stop_at(draw(numbers))
        case "skip":
            return regimen.skip(doses=draw(some_doses(total)))
        case _:
            try:
                return regimen.delay(draw(numbers))
            except ParameterError:  # so late that the doses cannot be told apart
                return regimen


def some_doses(total):
    return st.lists(st.integers(1, total), unique=True) if total else st.just([])


any_regimen = st.recursive(
    st.lists(courses_of(), max_size=3).map(lambda courses: Regimen(tuple(courses))) | steps_of(),
    lambda inner: st.tuples(inner, inner).map(lambda both: both[0] + both[1]) | changed(inner),
    max_leaves=4,
)


@properties
@given(any_regimen)
def test_a_sentence_parses_back_to_itself(regimen):
    sentence = str(regimen)
    again = Regimen.parse(sentence)
    assert again == regimen
    assert hash(again) == hash(regimen)
    assert str(again) == sentence
    assert again.doses() == regimen.doses()
    assert eval(repr(regimen), {"Regimen": Regimen}) == regimen
    assert as_regimen(sentence) == regimen


@properties
@given(st.text(max_size=12) | names)
def test_every_name_that_is_accepted_can_be_written_and_read(name):
    try:
        regimen = Regimen.once(name, dose_mg=1) + Regimen.once(name, dose_mg=2, at_h=3)
    except ParameterError:
        return
    assert regimen.drugs == (name.lower(),)
    assert Regimen.parse(str(regimen)) == regimen


@properties
@given(any_regimen)
def test_doses_are_in_time_order_and_row_order_decides_at_equal_times(regimen):
    rows = [
        Dose(drug=course.drug, dose_mg=course.dose_mg, time_h=course.time_h(index))
        for course in regimen.courses
        for index in range(course.doses)
    ]
    assert list(regimen.doses()) == sorted(rows, key=lambda dose: dose.time_h)
    assert regimen.times_h == tuple(dose.time_h for dose in regimen.doses())
    assert regimen.last_dose_h == (regimen.times_h[-1] if rows else None)


@properties
@given(any_regimen)
def test_the_times_of_a_course_strictly_increase(regimen):
    for course in regimen.courses:
        times_h = [course.time_h(index) for index in range(course.doses)]
        assert times_h == sorted(set(times_h))


@properties
@given(any_regimen, st.data())
def test_skip_removes_these_doses_and_moves_no_other(regimen, data):
    doses = regimen.doses()
    skipped = data.draw(some_doses(len(doses)))
    left = [dose for place, dose in enumerate(doses, start=1) if place not in skipped]
    assert list(regimen.skip(doses=skipped).doses()) == left


@properties
@given(any_regimen, st.data())
def test_stop_at_removes_the_doses_at_and_after_a_time_and_moves_no_other(regimen, data):
    limit_h = data.draw(numbers | st.sampled_from(regimen.times_h or (0.0,)))
    left = [dose for dose in regimen.doses() if dose.time_h < limit_h]
    assert list(regimen.stop_at(limit_h).doses()) == left


@properties
@given(any_regimen, any_regimen)
def test_a_sum_holds_the_doses_of_both_and_the_left_comes_first(left, right):
    both = [*left.doses(), *right.doses()]
    assert list((left + right).doses()) == sorted(both, key=lambda dose: dose.time_h)


@properties
@given(any_regimen, st.integers(0, 2**20))
def test_delay_moves_the_start_of_every_course(regimen, hours):
    try:
        later = regimen.delay(hours)
    except ParameterError:
        assume(False)
    assert [c.start_h for c in later.courses] == [c.start_h + hours for c in regimen.courses]
    assert [c.doses for c in later.courses] == [c.doses for c in regimen.courses]
    assert later.drugs == regimen.drugs


@properties
@given(any_regimen)
def test_operations_that_change_nothing_return_an_equal_regimen(regimen):
    assert regimen.delay(0) == regimen
    assert regimen.skip(doses=[]) == regimen
    assert regimen + Regimen() == regimen
    assert Regimen() + regimen == regimen
    last_h = regimen.last_dose_h
    if last_h is not None and last_h < 1e300:
        assert regimen.stop_at(math.nextafter(last_h, math.inf)) == regimen


@properties
@given(any_regimen)
def test_regimens_and_courses_survive_pickle_and_copy(regimen):
    for again in (pickle.loads(pickle.dumps(regimen)), copy.copy(regimen), copy.deepcopy(regimen)):
        assert again == regimen
        assert hash(again) == hash(regimen)


# -- single facts ------------------------------------------------------------------------


def test_skip_splits_a_course_where_the_doses_were():
    regimen = Regimen.parse("valbenazine 80 mg q24h x 7").skip(doses=[1, 4])
    assert str(regimen) == ("valbenazine 80 mg q24h x 2 after 24 h then 80 mg q24h x 3 after 24 h")


def test_skip_keeps_times_that_a_later_start_would_round_differently():
    regimen = Regimen.parse("a 1 mg q4.8h x 100")
    assert regimen.skip(doses=[4]).times_h == regimen.times_h[:3] + regimen.times_h[4:]


def test_skip_counts_across_drugs_in_time_order_and_in_rows_at_equal_times():
    regimen = Regimen.parse("b 1 mg q12h x 2 & a 2 mg q12h x 2").skip(doses=[2, 3])
    assert [(dose.drug, dose.time_h) for dose in regimen.doses()] == [("b", 0.0), ("a", 12.0)]


def test_skipping_and_stopping_accept_numpy_numbers():
    regimen = Regimen.parse("a 1 mg q12h x 4")
    assert regimen.skip(doses=np.array([2, 3])) == regimen.skip(doses=[2, 3])
    assert regimen.skip(doses=range(2, 4)) == regimen.skip(doses=(2, 3))
    assert regimen.stop_at(np.float32(24)) == regimen.stop_at(24)
    steps = np.array([[40, 24, 7], [80, 24, 7]])
    assert Regimen.titrate("a", steps=steps) == Regimen.titrate("a", steps=steps.tolist())


def test_fields_are_plain_python_values_whatever_they_were_made_from():
    made = Course(
        drug=np.str_("A"),
        dose_mg=np.float32(0.5),
        start_h=Fraction(1, 2),
        every_h=np.int64(8),
        doses=np.uint8(3),
    )
    values = [made.drug, made.dose_mg, made.start_h, made.every_h, made.doses]
    assert values == ["a", 0.5, 0.5, 8.0, 3]
    assert [type(value) for value in values] == [str, float, float, float, int]
    assert math.copysign(1, Course(drug="a", dose_mg=-0.0).dose_mg) == 1


def test_drugs_are_named_once_in_the_order_of_their_courses():
    regimen = Regimen.parse("b 1 mg x 0 & a 1 mg & b 2 mg")
    assert regimen.drugs == ("b", "a")
    assert Regimen().drugs == ()


def test_the_interval_is_that_of_the_course_with_the_last_dose():
    regimen = Regimen.parse("a 1 mg q24h x 7 then 2 mg q8h x 3 & b 1 mg q6h x 2 & c 1 mg")
    assert regimen.interval_h() == 8.0
    assert regimen.interval_h("A") == 8.0
    assert regimen.interval_h("b") == 6.0
    assert regimen.interval_h("c") is None
    assert Regimen.parse("a 1 mg q12h x 2 & b 1 mg q6h x 3").interval_h() == 6.0
    assert Regimen.parse("a 1 mg q8h x 3 then 1 mg").interval_h() is None
    assert Regimen().interval_h() is None
    assert Regimen.parse("a 1 mg x 0").interval_h() is None


def test_empty_regimens_and_zero_doses_are_good_input():
    assert Regimen().doses() == ()
    assert Regimen().last_dose_h is None
    assert Regimen.titrate("a", steps=[]) == Regimen.parse("nothing")
    assert Regimen.repeat("a", dose_mg=1, every_h=24, doses=0).doses() == ()
    assert Regimen.parse("a 1 mg q24h x 3").stop_at(0) == Regimen()
    assert Regimen.parse("a 1 mg q24h x 3").skip(doses=[1, 2, 3]) == Regimen()
    assert Regimen.parse("a 1 mg x 0").skip(doses=[]).drugs == ("a",)


def test_as_regimen_hands_a_regimen_through():
    regimen = Regimen.once("a", dose_mg=1)
    assert as_regimen(regimen) is regimen
    assert as_regimen("a 1 mg") == regimen


def test_regimens_are_immutable_and_can_be_keys():
    regimen = Regimen.once("a", dose_mg=1)
    with pytest.raises(AttributeError):
        regimen.courses = ()
    with pytest.raises(AttributeError):
        regimen.courses[0].dose_mg = 2
    assert {regimen: 1}[Regimen.parse("a 1 mg")] == 1


def test_ten_million_doses_are_held_and_cut_without_being_listed():
    begun = time.perf_counter()
    regimen = Regimen.repeat("a", dose_mg=1, every_h=1, doses=10_000_000)
    assert regimen.last_dose_h == 9_999_999.0
    assert str(regimen.stop_at(5_000_000.5)) == "a 1 mg q1h x 5000001"
    assert time.perf_counter() - begun < 1.0


def test_the_modules_need_no_numpy():
    code = (
        "import sys; sys.modules['numpy'] = None\n"
        f"sys.path[:0] = {[str(path) for path in sys.path]!r}\n"
        "import types, importlib.util, pathlib\n"
        "package = types.ModuleType('vmatcore')\n"  # without its __init__, which may need more
        "package.__path__ = [str(pathlib.Path(p) / 'vmatcore') for p in sys.path]\n"
        "sys.modules['vmatcore'] = package\n"
        "from vmatcore.dosing import Regimen\n"
        "print(Regimen.parse('a 1 mg q8h x 3').stop_at(8).skip(doses=[]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("a 1 mg", "")
