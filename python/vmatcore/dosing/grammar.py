"""The sentence in which a regimen is written and read.

    sentence  =  "nothing"  |  track { "&" track }
    track     =  drug part { "then" [ drug ] part }
    part      =  amount unit { interval | end | "after" time | event }
    interval  =  "q" hours "h"  |  "qd"  |  "bid"  |  "tid"  |  "qid"
    end       =  "x" doses  |  "for" time
    time      =  number ( "h" | "d" )
    event     =  "at" rate "mg/h"  |  "ss1"  |  "ss2"  |  "reset"
              |  "into" '"' compartment '"'  |  "id" '"' subject '"'

A track starts at time 0. The next part of a track starts where the part before
it ends: ``doses`` intervals after its start, or after the time of its ``for``.
``after`` puts more time in front of its part. The words of an event mean what the
columns RATE, SS, EVID, CMT and ID of an event table mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from vmatcore.check import number, text, whole
from vmatcore.dosing.course import MAXIMUM_DOSES, NUMBER, Course, doses_within, drug_name, repeated
from vmatcore.errors import ParameterError, shown

__all__ = ["read", "write"]

_NOTHING = "nothing"
_POWER_OF_TEN = {"mg": 0, "g": 3, "ug": -3, "mcg": -3, "µg": -3, "μg": -3}  # of a mg
_HOURS = {"h": 1.0, "d": 24.0}  # by the first letter of the unit
_INTERVAL_H = {"qd": 24.0, "bid": 12.0, "tid": 8.0, "qid": 6.0}
_EVENT_FIELD = {
    "rate": "rate_mg_h",
    "steady": "steady_state",
    "reset": "reset",
    "place": "compartment",
    "person": "subject_id",
}
_AFTER_AN_AMOUNT = ("interval", "count", "span", "wait", *_EVENT_FIELD)
_ARGUMENT = {
    "amount": "dose_mg",
    "interval": "every_h",
    "count": "doses",
    "span": "for",
    "wait": "after",
    "rate": "rate_mg_h",
}

# Sentences are read in lower case, one item after the other; `word` takes what is left.
_TIME = rf"{NUMBER} \s*+ (?:hours?|h|days?|d)"
_END = r"(?![^\s&])"
_ITEM = re.compile(
    rf"""
      (?P<joint>    & | then{_END} )
    | (?P<amount>   {NUMBER} \s*+ (?:mg|g|ug|mcg|[µμ]g){_END} )
    | (?P<interval> (?: q \s*+ {NUMBER} \s*+ h | qd | bid | tid | qid ){_END} )
    | (?P<count>    [x×] \s*+ {NUMBER}{_END} )
    | (?P<span>     for \s++ {_TIME}{_END} )
    | (?P<wait>     after \s++ {_TIME}{_END} )
    | (?P<rate>     at \s++ {NUMBER} \s*+ mg/h{_END} )
    | (?P<steady>   ss[12]{_END} )
    | (?P<reset>    reset{_END} )
    | (?P<place>    into \s++ "[^"]*+"{_END} )
    | (?P<person>   id \s++ "[^"]*+"{_END} )
    | (?P<number>   {NUMBER}{_END} )
    | (?P<word>     [^\s&]++ )
    """,
    re.VERBOSE,
)
_QUANTITY = re.compile(rf"(?P<number>{NUMBER})\s*+(?P<unit>[a-zµμ]*+)")
_ADVICE = {
    r"q[0-9.].*|q\w{0,2}": "an interval is written in hours, such as `q24h`",
    r"x|×": "`x` needs a number of doses, such as `x 28`",
    r"for": "`for` needs a time with its unit, such as `for 28 d`",
    r"after": "`after` needs a time with its unit, such as `after 24 h`",
    r"at": "`at` needs a rate in mg/h, such as `at 10 mg/h`",
    r"into|id": '`into` and `id` need a name between quotation marks, such as `into "2"`',
    r".*": "after the amount may come `q24h`, `x 28`, `for 28 d`, `after 24 h`, `then` and `&`",
}


def write(courses: Iterable[Course]) -> str:
    """Return the sentence that :func:`read` turns into exactly these courses.

    Parameters
    ----------
    courses : iterable of Course
        The courses, in their order.

    Returns
    -------
    str
        The sentence; ``"nothing"`` if there is no course.

    Examples
    --------
    >>> write([Course(drug="valbenazine", dose_mg=80, start_h=12)])
    'valbenazine 80 mg after 12 h'
    """
    words: list[str] = []
    before: Course | None = None
    for course in courses:
        joined, wait_h = False, course.start_h
        if before is not None:
            end_h = before.start_h + before.doses * (before.every_h or 0.0)
            gap_h = course.start_h - end_h
            if gap_h > 0:
                joined = end_h + gap_h == course.start_h
            else:  # a lone dose has no end of its own, so `then` would need a time
                joined = gap_h == 0 and not (before.doses == 1 and before.every_h is None)
            wait_h = gap_h if joined else wait_h
            words.append("then" if joined else "&")
        if before is None or not joined or before.drug != course.drug:
            words.append(course.drug)
        words.append(f"{_digits(course.dose_mg)} mg")
        if course.every_h is not None:
            words.append(f"q{_digits(course.every_h)}h x {course.doses}")
        elif course.doses == 0:
            words.append("x 0")
        if wait_h > 0:
            words.append(f"after {_digits(wait_h)} h")
        words += _event_words(course)
        before = course
    return " ".join(words) or _NOTHING


def _event_words(course: Course) -> list[str]:
    """The words that a plain course does not need."""
    words = []
    if course.rate_mg_h is not None:
        words.append(f"at {_digits(course.rate_mg_h)} mg/h")
    if course.steady_state:
        words.append(f"ss{course.steady_state}")
    if course.reset:
        words.append("reset")
    if course.compartment is not None:
        words.append(f'into "{course.compartment}"')
    if course.subject_id is not None:
        words.append(f'id "{course.subject_id}"')
    return words


def read(sentence: str, *, name: str = "sentence") -> tuple[Course, ...]:
    """Return the courses of a sentence.

    Parameters
    ----------
    sentence : str
        The sentence; its grammar stands at the top of this module.
    name : str
        Name of the argument that holds it, for messages.

    Returns
    -------
    tuple of Course
        The courses, in the order of the sentence.

    Raises
    ------
    ParameterTypeError
        If the sentence is not a text.
    ParameterError
        If it cannot be read; the message points to the words and says the rule.

    Examples
    --------
    >>> [course.start_h for course in read("valbenazine 40 mg qd x 7 then 80 mg")]
    [0.0, 168.0]
    """
    reader = _Reader(text(name, sentence), name)
    if [item.group() for item in reader.items] == [_NOTHING]:
        return ()
    courses: list[Course] = []
    drug, end_h, lone = None, 0.0, False
    while True:
        first = reader.next
        part = reader.part(drug)
        if lone and part.wait_h is None:
            raise reader.error(
                first - 1,
                "`then` after a single dose needs a time, or both would be at once: "
                "add `after 24 h` to the part after `then`",
            )
        start_h = end_h + (part.wait_h or 0.0)
        with reader.pointing_to(first):
            courses.append(
                repeated(
                    part.drug,
                    dose_mg=part.dose_mg,
                    start_h=start_h,
                    every_h=part.every_h,
                    doses=part.doses,
                    **part.event,
                )
            )
        if reader.kind() is None:
            return tuple(courses)
        drug, end_h, lone = None, 0.0, False
        if reader.take() == "then":
            drug, end_h = part.drug, start_h + part.length_h
            lone = part.doses == 1 and part.every_h is None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What one part of a sentence says, before it has its place in time."""

    drug: str
    dose_mg: float
    every_h: float | None
    doses: int
    length_h: float
    wait_h: float | None
    event: dict[str, Any]


class _Reader:
    """The items of a sentence, and the place of the next one."""

    def __init__(self, sentence: str, name: str) -> None:
        self.name = name
        self.sentence = sentence
        self.items = list(_ITEM.finditer(sentence.lower()))
        self.next = 0

    def kind(self) -> str | None:
        """Return the kind of the next item, or None at the end."""
        return self.items[self.next].lastgroup if self.next < len(self.items) else None

    def take(self) -> str:
        """Step over the next item and return its words."""
        self.next += 1
        return self.items[self.next - 1].group()

    def error(self, at: int, rule: str) -> ParameterError:
        """Return the error that shows the sentence, points to an item and says the rule."""
        place = "at its end"
        if at < len(self.items):
            item = self.items[at]
            count = 1 + len(item.string[: item.start()].split())
            place = f"at {shown(item.group())} (word {count})"
        return ParameterError(
            f"`{self.name}` {shown(self.sentence)} cannot be read {place}: {rule}"
        )

    @contextmanager
    def pointing_to(self, at: int) -> Iterator[None]:
        """Let the error of a value point to the item that says the value."""
        try:
            yield
        except ParameterError as error:
            raise self.error(at, str(error)) from None

    def part(self, drug: str | None) -> _Part:
        """Read one part; ``drug`` is the one that it may leave out."""
        if self.kind() == "word":
            with self.pointing_to(self.next):
                drug = drug_name(self.take())
        if drug is None:
            raise self.error(self.next, "expected a drug and an amount: `valbenazine 80 mg`")
        if self.kind() == "number":
            raise self.error(self.next, "an amount needs its unit: mg, g, ug or mcg, as in `80 mg`")
        if self.kind() != "amount":
            raise self.error(self.next, "expected an amount with its unit, such as `80 mg`")
        dose_mg = self.value("amount")
        found: dict[str, tuple[int, float]] = {}
        event: dict[str, Any] = {}
        while (kind := self.kind()) in _AFTER_AN_AMOUNT:
            kind = str(kind)
            if kind in found or kind in event:
                raise self.error(self.next, "one part of a regimen cannot say this twice")
            if kind in _EVENT_FIELD:
                event[kind] = self.event_value(kind)
            else:
                found[kind] = self.next, self.value(kind)
        if self.kind() not in ("joint", None):
            words = self.items[self.next].group()
            advice = next(_ADVICE[form] for form in _ADVICE if re.fullmatch(form, words))
            raise self.error(self.next, advice)
        every_h, doses, length_h = self.rhythm(found)
        wait_h = found["wait"][1] if "wait" in found else None
        return _Part(
            drug=drug,
            dose_mg=dose_mg,
            every_h=every_h,
            doses=doses,
            length_h=length_h,
            wait_h=wait_h,
            event={_EVENT_FIELD[kind]: value for kind, value in event.items()},
        )

    def event_value(self, kind: str) -> Any:
        """Step over an item of an event and return its value."""
        if kind == "rate":
            return self.value(kind)
        words = self.take()
        if kind == "steady":
            return int(words[2:])
        return True if kind == "reset" else words[words.index('"') + 1 : -1]

    def value(self, kind: str) -> float:
        """Step over an item and return its number, in mg, h or doses."""
        at, words = self.next, self.take()
        if words in _INTERVAL_H:
            return _INTERVAL_H[words]
        quantity = _QUANTITY.search(words)
        assert quantity is not None  # every other kind of item holds a number
        digits, unit = quantity["number"], quantity["unit"]
        if kind == "amount":  # the decimal point moves before the number is rounded
            mantissa, _, exponent = digits.partition("e")
            digits = f"{mantissa}e{int(exponent or 0) + _POWER_OF_TEN[unit]}"
        factor = _HOURS[unit[0]] if kind in ("span", "wait") else 1.0
        with self.pointing_to(at):
            return number(
                _ARGUMENT[kind],
                float(digits) * factor,
                minimum=0,
                exclusive=kind in ("interval", "rate"),
            )

    def rhythm(self, found: dict[str, tuple[int, float]]) -> tuple[float | None, int, float]:
        """Return the interval in h, the number of doses and the length in h of a part."""
        at, count = found.get("count", (0, 1.0))
        with self.pointing_to(at):
            if not count.is_integer():
                raise ParameterError(f"`doses` must be a whole number, got {count!r}")
            doses = whole("doses", int(count), minimum=0, maximum=MAXIMUM_DOSES)
        if "count" in found and "span" in found:
            raise self.error(max(at, found["span"][0]), "give `x` or `for`, not both")
        if "interval" not in found:
            if "span" in found:
                raise self.error(found["span"][0], "`for` needs an interval: `q24h for 28 d`")
            if doses > 1:
                raise self.error(at, f"several doses need an interval: `q24h x {doses}`")
            return None, doses, 0.0
        at, every_h = found["interval"]
        if "span" in found:
            length_h = found["span"][1]
            with self.pointing_to(found["span"][0]):
                return every_h, doses_within(length_h, every_h), length_h
        if "count" not in found:
            raise self.error(at, "a repeated dose needs an end: add `x 28` or `for 28 d`")
        return every_h, doses, doses * every_h


def _digits(value: float) -> str:
    """Return the shortest text that reads as this number."""
    return repr(value).removesuffix(".0")
