"""Every bad regimen gets an error of the family, that names, shows and helps."""

from __future__ import annotations

import itertools
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contract.family import refuse
from vmatcore.dosing import Course, Regimen, as_regimen
from vmatcore.errors import ParameterError, ParameterTypeError, UnknownNameError, VmatError

properties = settings(derandomize=True, max_examples=300, deadline=None)

parse = Regimen.parse
GOOD = parse("valbenazine 80 mg q24h x 7")
NAN, INF = float("nan"), float("inf")

SENTENCES = [
    # sentence, the words it points to, words of the rule
    ("", "at its end", "expected a drug and an amount"),
    ("   ", "at its end", "expected a drug and an amount"),
    ("valbenazine", "at its end", "expected an amount with its unit"),
    ("80 mg", "'80 mg' (word 1)", "expected a drug"),
    ("then 80 mg", "'then' (word 1)", "expected a drug"),
    ("& valbenazine 80 mg", "'&' (word 1)", "expected a drug"),
    ("valbenazine 80 mg &", "at its end", "expected a drug"),
    ("valbenazine 80 mg & 40 mg", "'40 mg' (word 5)", "expected a drug"),
    ("valbenazine 80 mg q24h x 7 then", "at its end", "expected an amount"),
    ("valbenazine 80 mg q24h x 7 then & b 1 mg", "'&' (word 8)", "expected an amount"),
    ("valbenazine mg q24h x 7", "'mg' (word 2)", "expected an amount"),
    ("valbenazine nan mg", "'nan' (word 2)", "expected an amount"),
    ("valbenazine 1,5 mg", "'1,5' (word 2)", "expected an amount"),
    ("valbenazine 80 q24h x 7", "'80' (word 2)", "needs its unit: mg, g, ug or mcg, as in `80 mg`"),
    ("valbenazine 80 kg q24h x 7", "'80' (word 2)", "needs its unit"),
    ("valbenazine 80 mg q24h", "'q24h' (word 4)", "needs an end: add `x 28` or `for 28 d`"),
    ("valbenazine 80 mg tid after 3 h", "'tid' (word 4)", "add `x 28` or `for 28 d`"),
    ("a 1 mg q8h x 3 then 2 mg q8h", "'q8h' (word 10)", "needs an end"),
    ("valbenazine 80 mg x 5", "'x 5' (word 4)", "need an interval: `q24h x 5`"),
    ("valbenazine 80 mg for 5 d", "'for 5 d' (word 4)", "needs an interval"),
    ("valbenazine 80 mg q24h x 5 for 5 d", "'for 5 d' (word 7)", "`x` or `for`, not both"),
    ("valbenazine 80 mg q24h x 5 x 6", "'x 6' (word 7)", "twice"),
    ("valbenazine 80 mg qd q24h x 5", "'q24h' (word 5)", "twice"),
    ("valbenazine 80 mg q24 x 5", "'q24' (word 4)", "in hours, such as `q24h`"),
    ("valbenazine 80 mg q1d x 5", "'q1d' (word 4)", "in hours, such as `q24h`"),
    ("valbenazine 80 mg qhs x 5", "'qhs' (word 4)", "in hours, such as `q24h`"),
    ("valbenazine 80 mg q24h x", "'x' (word 5)", "such as `x 28`"),
    ("valbenazine 80 mg q24h x five", "'x' (word 5)", "such as `x 28`"),
    ("valbenazine 80 mg q24h for 7", "'for' (word 5)", "such as `for 28 d`"),
    ("valbenazine 80 mg q24h for 7 weeks", "'for' (word 5)", "such as `for 28 d`"),
    ("valbenazine 80 mg after 24", "'after' (word 4)", "such as `after 24 h`"),
    ("valbenazine 80 mg daily", "'daily' (word 4)", "may come `q24h`, `x 28`, `for 28 d`"),
    ("valbenazine 80 mg 40 mg", "'40 mg' (word 4)", "may come"),
    ("valbenazine 80 mg/kg", "'80' (word 2)", "needs its unit"),
    (
        "valbenazine 80 mg then 40 mg",
        "'then' (word 4)",
        "needs a time",
    ),
    ("a 1 mg x 1 then 2 mg", "'then' (word 6)", "add `after 24 h`"),
    ("nothing & a 1 mg", "'nothing' (word 1)", "`drug` must be a name"),
    ("for 7 mg", "'for' (word 1)", "`drug` must be a name"),
    ("a,b 7 mg", "'a,b' (word 1)", "`drug` must be a name"),
    ("valbenazine -5 mg", "'-5 mg' (word 2)", "`dose_mg` must be finite and not negative, got -5"),
    ("valbenazine 1e999 mg", "'1e999 mg' (word 2)", "`dose_mg` must be finite"),
    ("valbenazine 5 mg q0h x 3", "'q0h' (word 4)", "`every_h` must be finite and positive, got 0"),
    ("valbenazine 5 mg q-8h x 3", "'q-8h' (word 4)", "`every_h` must be finite and positive"),
    ("valbenazine 5 mg q8h x -3", "'x -3' (word 5)", "`doses` must be finite and not negative"),
    ("valbenazine 5 mg q8h x 2.5", "'x 2.5' (word 5)", "`doses` must be a whole number, got 2.5"),
    ("valbenazine 5 mg q8h x 1e8", "'x 1e8' (word 5)", "must be in [0, 10000000], got 100000000"),
    ("valbenazine 5 mg q8h x 1e999", "'x 1e999' (word 5)", "`doses` must be finite"),
    ("valbenazine 5 mg q8h for -3 d", "'for -3 d' (word 5)", "`for` must be finite and not neg"),
    ("valbenazine 5 mg q8h for 1e9 d", "'for 1e9 d' (word 5)", "at most 10000000, got 3e+09"),
    ("valbenazine 5 mg q1e-300h for 1e300 d", "'for 1e300 d'", "at most 10000000, got inf"),
    ("valbenazine 5 mg after -3 h", "'after -3 h' (word 4)", "`after` must be finite and not neg"),
    ("valbenazine 5 mg after 1e308 d", "'after 1e308 d' (word 4)", "`after` must be finite"),
    ("valbenazine 5 mg q1e308h x 3", "(word 1)", "leave the last dose at a finite time"),
    ("a 5 mg q1e308h x 2 then 5 mg", "(word 8)", "`start_h` must be finite"),
    ("valbenazine 5 mg q1h x 3 after 1e17 h", "(word 1)", "tell doses apart"),
]


@pytest.mark.parametrize(("sentence", "place", "rule"), SENTENCES)
def test_a_bad_sentence_is_shown_with_its_words_and_its_rule(sentence, place, rule):
    for call, name in ((parse, "sentence"), (lambda s: as_regimen(s, "arms['a']"), "arms['a']")):
        with pytest.raises(ParameterError) as caught:
            call(sentence)
        message = str(caught.value)
        assert message.startswith(f"`{name}` {sentence!r} cannot be read ")
        assert place in message
        assert rule in message
        assert "\n" not in message


class Liar:
    """Says it is a number and is not."""

    def __float__(self):
        return "5"

    __index__ = __float__


def repeat(**changes):
    values = {"drug": "a", "dose_mg": 1, "every_h": 8, "doses": 3} | changes
    return Regimen.repeat(values.pop("drug"), **values)


def course(**changes):
    return Course(**({"drug": "a", "dose_mg": 1, "every_h": 8, "doses": 3} | changes))


CALLS = [
    # call, exception, words of the message
    (lambda: parse(None), ParameterTypeError, "`sentence` must be a text (str), got None"),
    (lambda: parse(b"a 1 mg"), ParameterTypeError, "`sentence` must be a text"),
    (lambda: parse(GOOD), ParameterTypeError, "`sentence` must be a text"),
    (lambda: as_regimen(7), ParameterTypeError, "`regimen` must be a Regimen or a sentence"),
    (lambda: as_regimen(None, "arm"), ParameterTypeError, "`arm` must be a Regimen or a sentence"),
    (lambda: as_regimen(["a 1 mg"]), ParameterTypeError, "valbenazine 80 mg q24h x 28"),
    # a name
    (lambda: repeat(drug=5), ParameterTypeError, "`drug` must be a text (str), got 5"),
    (lambda: repeat(drug=""), ParameterError, "`drug` must be a name"),
    (lambda: repeat(drug="two words"), ParameterError, "got 'two words'"),
    (lambda: repeat(drug="80"), ParameterError, "not a number"),
    (lambda: repeat(drug="+1e5"), ParameterError, "not a number"),
    (lambda: repeat(drug="80mg"), ParameterError, "got '80mg'"),
    (lambda: repeat(drug="ug"), ParameterError, "a unit"),
    (lambda: repeat(drug="q8H"), ParameterError, "got 'q8H'"),
    (lambda: repeat(drug="x5"), ParameterError, "another word of a regimen"),
    (lambda: repeat(drug="Then"), ParameterError, "another word of a regimen"),
    (lambda: repeat(drug="nothing"), ParameterError, "another word of a regimen"),
    (lambda: repeat(drug="(-)"), ParameterError, "letters"),
    (lambda: repeat(drug="a&b"), ParameterError, "letters"),
    (lambda: repeat(drug="a" * 500 + "!"), ParameterError, "..."),
    # an amount
    (lambda: repeat(dose_mg=NAN), ParameterError, "`dose_mg` must be finite and not negative, got"),
    (lambda: repeat(dose_mg=INF), ParameterError, "got inf"),
    (lambda: repeat(dose_mg=-1e-9), ParameterError, "not negative, got -1e-09"),
    (lambda: repeat(dose_mg=10**400), ParameterError, "`dose_mg` must be finite"),
    (lambda: repeat(dose_mg=10**5000), ParameterError, "cannot be printed"),
    (lambda: repeat(dose_mg=True), ParameterTypeError, "`dose_mg` must be a number, got True"),
    (lambda: repeat(dose_mg="80"), ParameterTypeError, "`dose_mg` must be a number, got '80'"),
    (lambda: repeat(dose_mg=None), ParameterTypeError, "`dose_mg` must be a number, got None"),
    (lambda: repeat(dose_mg=1j), ParameterTypeError, "`dose_mg` must be a number"),
    (lambda: repeat(dose_mg=np.True_), ParameterTypeError, "`dose_mg` must be a number"),
    (lambda: repeat(dose_mg=np.array([1.0])), ParameterTypeError, "`dose_mg` must be a number"),
    (lambda: repeat(dose_mg=[80]), ParameterTypeError, "`dose_mg` must be a number, got [80]"),
    (lambda: Regimen.once("a", dose_mg=-1), ParameterError, "`dose_mg`"),
    (lambda: Regimen.once("a", dose_mg=1, at_h=-1), ParameterError, "`at_h` must be finite and"),
    (lambda: Regimen.once("a", dose_mg=1, at_h=NAN), ParameterError, "`at_h` must be finite"),
    # an interval, a number of doses, a start
    (lambda: repeat(every_h=0), ParameterError, "`every_h` must be finite and positive, got 0"),
    (lambda: repeat(every_h=-8, doses=1), ParameterError, "`every_h` must be finite and positive"),
    (lambda: repeat(every_h=NAN, doses=0), ParameterError, "`every_h` must be finite and positive"),
    (lambda: repeat(every_h=None), ParameterTypeError, "`every_h` must be a number, got None"),
    (lambda: repeat(every_h=1e308), ParameterError, "`every_h` must leave the last dose"),
    (lambda: repeat(every_h=1, start_h=1e17), ParameterError, "`every_h` must be long enough"),
    (lambda: repeat(doses=-1), ParameterError, "`doses` must be in [0, 10000000], got -1"),
    (lambda: repeat(doses=3.0), ParameterTypeError, "a whole number, got 3.0: write 3"),
    (lambda: repeat(doses=2.5), ParameterTypeError, "`doses` must be a whole number, got 2.5"),
    (lambda: repeat(doses=NAN), ParameterTypeError, "`doses` must be a whole number, got nan"),
    (lambda: repeat(doses=True), ParameterTypeError, "`doses` must be a whole number, got True"),
    (lambda: repeat(doses=np.True_), ParameterTypeError, "`doses` must be a whole number"),
    (lambda: repeat(doses="3"), ParameterTypeError, "`doses` must be a whole number, got '3'"),
    (lambda: repeat(doses=10_000_001), ParameterError, "in [0, 10000000], got 10000001"),
    (lambda: repeat(doses=10**5000), ParameterError, "in [0, 10000000], got a value"),
    (lambda: repeat(start_h=-1), ParameterError, "`start_h` must be finite and not negative"),
    (lambda: repeat(start_h="0"), ParameterTypeError, "`start_h` must be a number"),
    (lambda: course(every_h=None), ParameterError, "`every_h` must be given for 3 doses"),
    (lambda: course(doses=1), ParameterError, "`every_h` must be None for one dose, got 8"),
    (lambda: course(doses=0), ParameterError, "`every_h` must be None for no dose, got 8"),
    (lambda: course(dose_mg=Liar()), ParameterTypeError, "`dose_mg` must be a number"),
    (lambda: course(doses=Liar()), ParameterTypeError, "`doses` must be a whole number"),
    # steps
    (lambda: Regimen.titrate("a", steps=5), ParameterTypeError, "`steps` must be a list"),
    (lambda: Regimen.titrate("a", steps="abc"), ParameterTypeError, "`steps` must be a list"),
    (
        lambda: Regimen.titrate("a", steps=itertools.repeat((1, 24, 0))),
        ParameterTypeError,
        "`steps` must be a list",
    ),
    (lambda: Regimen.titrate("a", steps=[5]), ParameterTypeError, "`steps[0]` must be a list"),
    (
        lambda: Regimen.titrate("a", steps=[(1, 24, 7), (2, 24)]),
        ParameterError,
        "`steps[1]` must be (dose_mg, every_h, days), got (2, 24)",
    ),
    (lambda: Regimen.titrate("a", steps=[(-1, 24, 7)]), ParameterError, "`steps[0].dose_mg`"),
    (lambda: Regimen.titrate("a", steps=[(1, 0, 7)]), ParameterError, "`steps[0].every_h`"),
    (lambda: Regimen.titrate("a", steps=[(1, 24, NAN)]), ParameterError, "`steps[0].days`"),
    (lambda: Regimen.titrate("a", steps=[(1, 1, 1e300)]), ParameterError, "at most 10000000"),
    (lambda: Regimen.titrate("a", steps=[], start_h=-1), ParameterError, "`start_h`"),
    (lambda: Regimen.titrate("5", steps=[]), ParameterError, "`drug` must be a name"),
    # operations
    (lambda: GOOD.stop_at(NAN), ParameterError, "`time_h` must be finite and not negative"),
    (lambda: GOOD.stop_at(-1), ParameterError, "`time_h` must be finite and not negative"),
    (lambda: GOOD.stop_at("24"), ParameterTypeError, "`time_h` must be a number, got '24'"),
    (lambda: GOOD.delay(-1), ParameterError, "`hours` must be finite and not negative, got -1"),
    (lambda: GOOD.delay(True), ParameterTypeError, "`hours` must be a number"),
    (lambda: GOOD.delay(1e17), ParameterError, "tell doses apart"),
    (lambda: GOOD.delay(1.7e308).delay(1.7e308), ParameterError, "must be"),
    (lambda: GOOD.skip(doses=5), ParameterTypeError, "`doses` must be a list"),
    (lambda: GOOD.skip(doses="56"), ParameterTypeError, "`doses` must be a list"),
    (lambda: GOOD.skip(doses={5: 6}), ParameterTypeError, "`doses` must be a list"),
    (lambda: GOOD.skip(doses=np.array(5)), ParameterTypeError, "`doses` must be a list"),
    (lambda: GOOD.skip(doses=[0]), ParameterError, "`doses[0]` must be in [1, 7] (the first dose"),
    (lambda: GOOD.skip(doses=[1, 8]), ParameterError, "`doses[1]` must be in [1, 7]"),
    (lambda: GOOD.skip(doses=[5.0]), ParameterTypeError, "`doses[0]` must be a whole number"),
    (lambda: GOOD.skip(doses=[True]), ParameterTypeError, "`doses[0]` must be a whole number"),
    (lambda: GOOD.skip(doses=[5, 5]), ParameterError, "`doses` must name no dose twice, got 5"),
    (lambda: Regimen().skip(doses=[1]), ParameterError, "the regimen has no doses"),
    (lambda: GOOD.interval_h("tetrabenazine"), UnknownNameError, "known: valbenazine"),
    (lambda: GOOD.interval_h("valbenazin"), UnknownNameError, "did you mean 'valbenazine'?"),
    (lambda: GOOD.interval_h(5), ParameterTypeError, "`drug` must be a text"),
    (lambda: GOOD + 5, ParameterTypeError, "`other` must be a Regimen"),
    (lambda: GOOD + "a 1 mg", ParameterTypeError, "use Regimen.parse"),
    (lambda: Regimen(("a 1 mg",)), ParameterTypeError, "`courses[0]` must be a Course"),
    (lambda: Regimen("a 1 mg"), ParameterTypeError, "`courses` must be a list, a tuple"),
    (lambda: Regimen(None), ParameterTypeError, "`courses` must be a list, a tuple"),
    (
        lambda: repeat(doses=6_000_000) + repeat(doses=6_000_000),
        ParameterError,
        "at most 10000000 doses together, got 12000000",
    ),
]


@pytest.mark.parametrize(("call", "exception", "words"), CALLS)
def test_a_bad_value_gets_an_error_that_names_it_and_shows_it(call, exception, words):
    assert type(refuse(call, exception, words)) is exception


def test_a_failed_operation_leaves_the_regimen_as_it_was():
    regimen = parse("a 1 mg q8h x 3 & b 1 mg")
    before = str(regimen)
    for call in (lambda: regimen.skip(doses=[1, 99]), lambda: regimen.delay(1e300)):
        with pytest.raises(ParameterError):
            call()
    assert str(regimen) == before


# -- nothing but an error of the family, whatever comes in --------------------------------

pieces = st.sampled_from(
    [
        *("valbenazine", "a", "80", "0", "-1", "1e999", "2.5", "nan", "1e-400"),
        *("mg", "g", "ug", "µg", "kg", "5mg", "q24h", "q", "24", "h", "q0h", "q8", "qd", "tid"),
        *("x", "×", "3", "x7", "for", "after", "d", "days", "then", "&", "nothing", "(", ","),
    ]
)
sentences = st.lists(pieces, max_size=12).map(" ".join) | st.text(max_size=40)


@properties
@given(sentences)
def test_any_text_is_a_regimen_or_an_error_of_the_family(sentence):
    try:
        regimen = parse(sentence)
    except ParameterError as error:
        message = str(error)
    else:
        assert parse(str(regimen)) == regimen
        return
    assert message.startswith("`sentence` ")
    assert len(message) < 600


anything = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.binary(max_size=5)
    | st.complex_numbers()
    | st.fractions()
    | st.decimals()
    | st.lists(st.integers(), max_size=3)
    | st.sampled_from([np.float32(2), np.int8(-3), np.True_, np.array([1]), np.array(1.5), object])
    | st.sampled_from(
        [np.datetime64(1, "s"), np.str_("5"), Decimal("sNaN"), Liar(), bytearray(b"1")]
    )
)


@properties
@given(anything, anything, anything, anything)
def test_any_value_is_used_or_refused_with_an_error_of_the_family(dose_mg, start_h, every_h, doses):
    calls = [
        lambda: course(dose_mg=dose_mg, start_h=start_h, every_h=every_h, doses=doses),
        lambda: GOOD.stop_at(start_h),
        lambda: GOOD.delay(start_h),
        lambda: GOOD.skip(doses=doses),
        lambda: as_regimen(dose_mg),
    ]
    for call in calls:
        message = None
        try:
            call()
        except VmatError as error:
            message = str(error)
        assert message is None or message.startswith("`")
