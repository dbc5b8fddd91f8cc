"""What a sentence of a regimen means, and how a regimen is written."""

from __future__ import annotations

import math
import time
from fractions import Fraction

import pytest

from vmatcore.dosing import Course, Regimen
from vmatcore.dosing.course import doses_within
from vmatcore.errors import ParameterError

V, T = "valbenazine", "tetrabenazine"


def course(drug, dose_mg, start_h=0.0, every_h=None, doses=1):
    return Course(drug=drug, dose_mg=dose_mg, start_h=start_h, every_h=every_h, doses=doses)


@pytest.mark.parametrize(
    ("sentence", "courses"),
    [
        ("nothing", []),
        ("  NOTHING ", []),
        ("valbenazine 80 mg", [course(V, 80)]),
        ("valbenazine 80 mg x 1", [course(V, 80)]),
        ("valbenazine 80 mg x 0", [course(V, 80, 0, None, 0)]),
        ("valbenazine 80 mg q24h x 0", [course(V, 80, 0, None, 0)]),
        ("valbenazine 80 mg q24h x 1", [course(V, 80)]),
        ("valbenazine 80 mg q24h x 28", [course(V, 80, 0, 24, 28)]),
        ("Valbenazine 80 MG Q24H X 28", [course(V, 80, 0, 24, 28)]),
        ("valbenazine\t80mg\nq 24 h x28", [course(V, 80, 0, 24, 28)]),
        ("valbenazine 80\u00a0mg q24h × 28", [course(V, 80, 0, 24, 28)]),
        ("valbenazine 80 mg q24h x 2.8e1", [course(V, 80, 0, 24, 28)]),
        ("valbenazine 80 mg x 28 q24h", [course(V, 80, 0, 24, 28)]),
        ("tetrabenazine 12.5 mg q7.5h x 3", [course(T, 12.5, 0, 7.5, 3)]),
        ("tetrabenazine 25 mg qd x 3", [course(T, 25, 0, 24, 3)]),
        ("tetrabenazine 25 mg BID x 3", [course(T, 25, 0, 12, 3)]),
        ("tetrabenazine 25 mg tid x 3", [course(T, 25, 0, 8, 3)]),
        ("tetrabenazine 25 mg qid x 3", [course(T, 25, 0, 6, 3)]),
        ("tetrabenazine 0.0041 g", [course(T, 4.1)]),
        ("tetrabenazine 4100 ug", [course(T, 4.1)]),
        ("tetrabenazine 4100mcg", [course(T, 4.1)]),
        ("tetrabenazine 4100 \u00b5g", [course(T, 4.1)]),
        ("tetrabenazine 4100 \u03bcg", [course(T, 4.1)]),
        ("tetrabenazine 1e3 ug", [course(T, 1)]),
        ("tetrabenazine 0 mg", [course(T, 0)]),
        ("tetrabenazine 25 mg q8h for 1 d", [course(T, 25, 0, 8, 3)]),
        ("tetrabenazine 25 mg q8h for 1.1 days", [course(T, 25, 0, 8, 4)]),
        ("tetrabenazine 25 mg q8h for 1 day", [course(T, 25, 0, 8, 3)]),
        ("tetrabenazine 25 mg q8h for 8 h", [course(T, 25)]),
        ("tetrabenazine 25 mg q8h for 9 hours", [course(T, 25, 0, 8, 2)]),
        ("tetrabenazine 25 mg q8h for 0 d", [course(T, 25, 0, None, 0)]),
        ("tetrabenazine 25 mg after 12 h", [course(T, 25, 12)]),
        ("tetrabenazine 25 mg after 2 d q8h x 3", [course(T, 25, 48, 8, 3)]),
        # `then` goes on at the end of `x` and of `for`, with or without the drug
        (
            "valbenazine 40 mg q24h x 7 then 80 mg q24h x 21",
            [course(V, 40, 0, 24, 7), course(V, 80, 168, 24, 21)],
        ),
        (
            "valbenazine 40 mg q24h for 7 d THEN Valbenazine 80 mg q24h for 21 d",
            [course(V, 40, 0, 24, 7), course(V, 80, 168, 24, 21)],
        ),
        (
            "valbenazine 40 mg q24h for 36 h then 80 mg",
            [course(V, 40, 0, 24, 2), course(V, 80, 36)],
        ),
        ("valbenazine 40 mg q24h x 1 then 80 mg", [course(V, 40), course(V, 80, 24)]),
        (
            "valbenazine 40 mg q24h x 7 then 80 mg q24h x 2 after 48 h",
            [course(V, 40, 0, 24, 7), course(V, 80, 216, 24, 2)],
        ),
        ("valbenazine 40 mg then 80 mg after 24 h", [course(V, 40), course(V, 80, 24)]),
        ("valbenazine 40 mg then 80 mg after 0 h", [course(V, 40), course(V, 80)]),
        (
            "valbenazine 40 mg x 0 then 80 mg",
            [course(V, 40, 0, None, 0), course(V, 80)],
        ),
        (
            "valbenazine 40 mg q24h x 2 then tetrabenazine 25 mg q8h x 2 then 50 mg after 1 d",
            [course(V, 40, 0, 24, 2), course(T, 25, 48, 8, 2), course(T, 50, 88)],
        ),
        # `&` goes back to time 0
        (
            "valbenazine 40 mg q24h x 7&tetrabenazine 25 mg q8h x 3",
            [course(V, 40, 0, 24, 7), course(T, 25, 0, 8, 3)],
        ),
        (
            "valbenazine 40 mg & tetrabenazine 25 mg after 5 h then 50 mg after 7 h",
            [course(V, 40), course(T, 25, 5), course(T, 50, 12)],
        ),
        # names
        ("(+)-alpha-HTBZ 1 mg", [course("(+)-alpha-htbz", 1)]),
        ("9-desmethyl_x.2 1 mg", [course("9-desmethyl_x.2", 1)]),
        ("α-htbz 1 mg", [course("α-htbz", 1)]),
        ("for-you 1 mg", [course("for-you", 1)]),
        ("x5y 1 mg", [course("x5y", 1)]),
    ],
)
def test_a_sentence_means_these_courses(sentence, courses):
    assert Regimen.parse(sentence) == Regimen(tuple(courses))


@pytest.mark.parametrize(
    ("regimen", "sentence"),
    [
        (Regimen(), "nothing"),
        (Regimen.once(V, dose_mg=80), "valbenazine 80 mg"),
        (Regimen.once(V, dose_mg=80, at_h=12), "valbenazine 80 mg after 12 h"),
        (Regimen.once(V, dose_mg=1e-5, at_h=1e16), "valbenazine 1e-05 mg after 1e+16 h"),
        (Regimen.repeat(V, dose_mg=80, every_h=24, doses=0), "valbenazine 80 mg x 0"),
        (Regimen.repeat(V, dose_mg=80, every_h=24, doses=1), "valbenazine 80 mg"),
        (
            Regimen.repeat(V, dose_mg=80, every_h=12.5, doses=3, start_h=1),
            "valbenazine 80 mg q12.5h x 3 after 1 h",
        ),
        (
            Regimen.titrate(V, steps=[(40, 24, 7), (80, 24, 0), (80, 12, 1)], start_h=6),
            "valbenazine 40 mg q24h x 7 after 6 h then 80 mg x 0 then 80 mg q12h x 2",
        ),
        (
            Regimen.once(V, dose_mg=40) + Regimen.once(V, dose_mg=80),
            "valbenazine 40 mg & valbenazine 80 mg",
        ),
        (
            Regimen.once(V, dose_mg=40) + Regimen.once(T, dose_mg=25).delay(24),
            "valbenazine 40 mg then tetrabenazine 25 mg after 24 h",
        ),
        (
            Regimen.once(V, dose_mg=40, at_h=24) + Regimen.once(T, dose_mg=25, at_h=3),
            "valbenazine 40 mg after 24 h & tetrabenazine 25 mg after 3 h",
        ),
        (
            Regimen.parse("valbenazine 40 mg q24h x 7 then 80 mg q24h x 21").stop_at(169),
            "valbenazine 40 mg q24h x 7 then 80 mg",
        ),
    ],
)
def test_a_regimen_prints_as_this_sentence(regimen, sentence):
    assert str(regimen) == sentence
    assert repr(regimen) == f"Regimen.parse({sentence!r})"


def test_an_amount_in_another_unit_is_rounded_once():
    for digits in ("0.1", "0.3", "0.7", "1.1", "4.1", "8.23", "12345.6789"):
        assert Regimen.parse(f"a {digits} g").courses[0].dose_mg == float(Fraction(digits) * 1000)
        assert Regimen.parse(f"a {digits} ug").courses[0].dose_mg == float(Fraction(digits) / 1000)


def test_for_counts_the_doses_that_a_person_would_count():
    for every in ("0.1", "0.3", "0.7", "1.6", "2.4", "4.8", "8", "24", "1e-3"):
        for length in ("0", "0.1", "0.3", "0.9", "2.1", "4.8", "24", "168", "167.9", "672"):
            exact = math.ceil(Fraction(length) / Fraction(every))
            assert doses_within(float(length), float(every)) == exact, (length, every)
    for parts in range(1, 2000):  # an interval computed as a fraction of a day
        assert doses_within(24.0, 24.0 / parts) == parts


def test_a_long_sentence_takes_linear_time():
    begun = time.perf_counter()
    parts = "a 1 mg q1h x 3" + " then 2 mg q1h x 3" * 20_000
    assert len(Regimen.parse(parts).courses) == 20_001
    for odd in ("a 1" + " " * 200_000, "1" * 200_000 + "!", "a 1 mg " + "q" * 200_000):
        with pytest.raises(ParameterError):
            Regimen.parse(odd)
    assert time.perf_counter() - begun < 5.0
