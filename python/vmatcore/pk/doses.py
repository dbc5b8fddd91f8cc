"""From the doses of a regimen to what enters the compartments of a drug, in nmol."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from vmatcore.dosing import Course, Regimen, timeline
from vmatcore.drugs import Drug
from vmatcore.errors import ParameterError, shown, unknown
from vmatcore.pk.entries import Entry, Input, Reset, SteadyState, under_way
from vmatcore.units import nmol_per_mg

__all__ = ["inputs"]


def inputs(drug: Drug, regimen: Regimen, subject: str | None = None) -> list[Entry]:
    """Return what the regimen of one subject does to the compartments of one drug.

    The name of the subject, if there is one, is for messages.

    A reset, and a steady state that replaces, stops infusions and cancels what is still
    to arrive of doses that were recorded before it.

    Examples
    --------
    >>> from vmatcore.drugs import get
    >>> [entry.time_h for entry in inputs(get("valbenazine"), Regimen.parse("valbenazine 80 mg"))]
    [0.0]
    """
    entries: list[Entry] = []
    courses = [course for course in regimen.courses if course.drug == drug.name]
    for event in timeline(courses):
        course = event.course
        if event.kind == "reset":
            entries.append(Reset(event.time_h))
        elif event.kind == "steady state":
            every_h = course.every_h
            assert every_h is not None, "the constructor of a course has checked this"
            endless = SteadyState(
                list(_dose(drug, course, 0.0, subject)),
                every_h=every_h,
                time_h=event.time_h,
                replaces=course.steady_state == 1,
            )
            entries += _under_a_reset(endless, event.until_h)
        else:
            for item in _dose(drug, course, event.time_h, subject):
                entries += _before(item, event.until_h)
    return entries


def _under_a_reset(endless: SteadyState, until_h: float) -> Iterator[Entry]:
    """A steady state whose rest a later reset ends."""
    if until_h == math.inf:
        yield endless
        return
    yield replace(endless, goes_on=False)
    for item in under_way(endless):
        yield from _before(item, until_h)


def _before(item: Input, until_h: float) -> Iterator[Input]:
    """What of an input comes before a reset."""
    if item.time_h + item.duration_h <= until_h and item.time_h < until_h:
        yield item
    elif item.time_h < until_h:
        hours = until_h - item.time_h
        amount = item.amount * (hours / item.duration_h)
        yield Input(item.compartment, amount, item.time_h, hours)


def _dose(drug: Drug, course: Course, time_h: float, subject: str | None = None) -> Iterator[Input]:
    """What one dose puts where."""

    def value(name: str | None, otherwise: float) -> float:
        return otherwise if name is None else drug.parameters[name].value

    amount = course.dose_mg * nmol_per_mg(drug.parameters["molar_mass"].value)
    try:
        place = _place(drug, course)
    except ParameterError as error:
        who = "" if subject is None else f" of subject {subject!r}"
        raise type(error)(f"the course at {course.start_h:g} h{who}: {error}") from None
    if place is None:
        amount *= _availability(drug, course.dose_mg)
    if not math.isfinite(amount):
        raise ParameterError(
            f"`dose_mg` must be a finite amount in nmol, got {course.dose_mg!r} of {drug.name!r}"
        )
    # The rate is that of what is given; what is available of it takes as much less time.
    duration_h = 0.0
    if course.rate_mg_h is not None:
        duration_h = course.dose_mg / course.rate_mg_h
        if place is None:
            duration_h *= _availability(drug, course.dose_mg)
    if place is not None:
        yield Input(place, amount, time_h, duration_h)
        return
    for part in drug.doses:
        own_h = value(part.duration, 0.0)
        if own_h and course.rate_mg_h is not None:
            raise ParameterError(
                f"`rate_mg_h` must be None for {drug.name!r}, whose doses enter over "
                f"{own_h:g} h of their own, got {course.rate_mg_h!r}"
            )
        lag_h = value(part.lag, 0.0)
        share = amount * value(part.share, 1.0)
        yield Input(part.compartment, share, time_h + lag_h, own_h or duration_h)


def _place(drug: Drug, course: Course) -> str | None:
    """Where a dose enters, None for where the drug says with its shares, lag and F."""
    if course.compartment is None:
        return None
    names = [place.name for place in drug.compartments]
    if course.compartment.isascii() and course.compartment.isdecimal():
        number = int(course.compartment)
        if not 1 <= number <= len(names):
            raise ParameterError(
                f"`compartment` of {drug.name!r} must be in [1, {len(names)}] or a name, "
                f"got {shown(course.compartment)}"
            )
        chosen = names[number - 1]
    else:
        by_lower = {name.lower(): name for name in names}
        if course.compartment not in by_lower:
            raise unknown(f"compartment of {drug.name}", course.compartment, by_lower)
        chosen = by_lower[course.compartment]
    return None if chosen in {part.compartment for part in drug.doses} else chosen


def _availability(drug: Drug, dose_mg: float) -> float:
    law = drug.availability
    if law is None:
        return 1.0
    above = max(dose_mg - drug.parameters[law.reference_dose].value, 0.0)
    gain, half = drug.parameters[law.gain].value, drug.parameters[law.half_dose].value
    return 1.0 + gain * above / (half + above) if above > 0 else 1.0
