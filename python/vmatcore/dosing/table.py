"""Event tables with NONMEM's columns, read into courses and written from them.

Every row gives a dose, resets, or does nothing (an observation). What is not honoured is
an error that names the row.
"""

from __future__ import annotations

import csv
import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from vmatcore.check import listed, mapping, text
from vmatcore.dosing.course import MAXIMUM_DOSES, Course, drug_name
from vmatcore.errors import (
    FileFormatError,
    ParameterError,
    ParameterTypeError,
    shown,
    unknown,
)

__all__ = ["COLUMNS", "Table", "read", "write"]

#: What may hold an event table: a path, columns by name, or a data frame.
Table: TypeAlias = "str | os.PathLike[str] | Mapping[str, Sequence[Any]] | Any"

#: The columns that are honoured.
COLUMNS = ("ID", "TIME", "AMT", "RATE", "II", "ADDL", "SS", "EVID", "CMT")

_NEEDED = ("TIME", "AMT")
_DOSE_COLUMNS = ("AMT", "RATE", "II", "ADDL", "SS")
_MISSING = ("", ".", "na", "nan")

#: How a number is written, in lower case.
_NUMBER = re.compile(r"[+-]?(([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?|inf|infinity)")

#: Beyond this a float does not tell whole numbers apart.
_LARGEST_EXACT = 2.0**53


def read(events: Table, *, drug: str, ignore: Sequence[str] = ()) -> tuple[Course, ...]:
    """Return the courses of an event table; see :meth:`Regimen.from_events`.

    Examples
    --------
    >>> read({"TIME": [0], "AMT": [25], "II": [8], "ADDL": [2]}, drug="tetrabenazine")[0].doses
    3
    """
    drug = drug_name(drug)
    columns = _chosen(_columns(events), ignore)
    ids = columns.pop("ID", None)
    courses: list[Course] = []
    seen: dict[str, str] = {}
    before_h = -math.inf
    for row in range(len(columns["TIME"])):
        where = f"row {row + 1} of `events`"
        cells = {name: _number(name, where, values[row]) for name, values in columns.items()
                 if name != "CMT"}  # fmt: skip
        time_h = cells["TIME"]
        if time_h is None:
            raise ParameterError(f"{where} must have a TIME, got none")
        name = None
        if ids is not None:
            spelling = _name(where, ids[row])
            name = spelling.lower()
            if name not in seen:
                seen[name] = spelling
                before_h = -math.inf
            elif spelling != seen[name]:
                raise ParameterError(
                    f"{where}: ID must differ from others in more than capitals, "
                    f"got {spelling!r} after {seen[name]!r}"
                )
            elif name != next(reversed(seen)):
                raise ParameterError(
                    f"{where}: the rows of ID {name!r} must follow one another, got one after "
                    f"those of {next(reversed(seen))!r}"
                )
        if time_h < before_h:
            raise ParameterError(
                f"{where}: TIME must not go back within a subject, got {time_h!r} after "
                f"{before_h!r}: time that starts again at a reset is not honoured"
            )
        before_h = time_h
        place = columns["CMT"][row] if "CMT" in columns else None
        compartment = None if place is None else _compartment(where, place)
        course = _course(where, {k: v or 0.0 for k, v in cells.items()}, "EVID" in columns)
        if course is None:
            continue
        try:
            courses.append(
                Course(
                    drug=drug,
                    start_h=time_h,
                    compartment=compartment if course["doses"] else None,
                    subject_id=name,
                    **course,
                )
            )
        except (ParameterError, ParameterTypeError) as error:
            raise type(error)(f"{where}: {error}") from None
    taking = {course.subject_id for course in courses}
    courses += [_nothing(drug, name) for name in seen if name not in taking]
    if len(seen) == 1:
        return tuple(_unnamed(course) for course in courses)
    order = {name: place for place, name in enumerate(seen)}
    return tuple(sorted(courses, key=lambda c: order.get(c.subject_id or "", 0)))


def _nothing(drug: str, name: str) -> Course:
    """The course of a subject that takes nothing."""
    return Course(drug=drug, dose_mg=0.0, doses=0, subject_id=name)


def _unnamed(course: Course) -> Course:
    return replace(course, subject_id=None)


def _course(where: str, cells: dict[str, float], says_evid: bool) -> dict[str, Any] | None:
    """Return what a row does as fields of a course, or None if it does nothing."""
    amount, rate, interval_h = cells["AMT"], cells.get("RATE", 0.0), cells.get("II", 0.0)
    more = _whole(where, "ADDL", cells.get("ADDL", 0.0), 0, MAXIMUM_DOSES - 1)
    steady = _whole(where, "SS", cells.get("SS", 0.0), 0, 2)
    kind = _whole(where, "EVID", cells["EVID"], 0, 4) if says_evid else int(amount != 0)
    if kind in (0, 2, 3):
        for name in _DOSE_COLUMNS:
            if cells.get(name, 0.0):
                what = "without a dose (EVID 0, 2 or 3, or AMT 0)"
                raise ParameterError(f"{where}: {name} must be 0 {what}, got {cells[name]!r}")
        return {"dose_mg": 0.0, "doses": 0, "reset": True} if kind == 3 else None
    if not amount > 0:
        hint = ": an endless infusion (SS with AMT 0) is not honoured" if steady else ""
        raise ParameterError(f"{where}: AMT must be positive for a dose, got {amount!r}{hint}")
    if rate < 0:
        hint = ": rates and durations of the model (-1, -2) are not honoured" if rate > -3 else ""
        raise ParameterError(f"{where}: RATE must not be negative, got {rate!r}{hint}")
    if (more or steady) and not interval_h > 0:
        what = "ADDL" if more else "SS"
        raise ParameterError(f"{where}: II must be positive with {what}, got {interval_h!r}")
    if interval_h and not (more or steady):
        raise ParameterError(
            f"{where}: II must be 0 without ADDL or SS, where it has no effect, got {interval_h!r}"
        )
    return {
        "dose_mg": amount,
        "every_h": interval_h or None,
        "doses": 1 + more,
        "rate_mg_h": rate or None,
        "steady_state": steady,
        "reset": kind == 4,
    }


def _whole(where: str, name: str, value: float, low: int, high: int) -> int:
    if not value.is_integer() or not low <= value <= high:
        rule = f"a whole number from {low} to {high}"
        raise ParameterError(f"{where}: {name} must be {rule}, got {value!r}")
    return int(value)


def _number(name: str, where: str, cell: object) -> float | None:
    """Return a cell as a number, None where it is missing."""
    if cell is None:
        return None
    if isinstance(cell, str):
        if cell.strip().lower() in _MISSING:
            return None
        value = _read(cell)
        if value is None:
            raise ParameterError(f"{where}: {name} must be a number, got {shown(cell)}")
    else:
        error = ParameterTypeError(f"{where}: {name} must be a number, got {shown(cell)}")
        real = hasattr(type(cell), "__float__") or hasattr(type(cell), "__index__")
        if not real or isinstance(cell, bool) or _kind(cell) == "b":
            raise error
        try:
            value = float(cell)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            raise error from None
        if math.isnan(value):
            return None
    if not math.isfinite(value):
        raise ParameterError(f"{where}: {name} must be finite, got {shown(cell)}")
    return value


def _kind(cell: object) -> str | None:
    """The kind of a NumPy value: "b" is a truth value, "i" and "u" are whole numbers."""
    return getattr(getattr(cell, "dtype", None), "kind", None)


def _read(cell: str) -> float | None:
    """Return the number that a text is, None if it is none: no ``8_0``, no digits but 0 to 9."""
    return float(cell) if _NUMBER.fullmatch(cell.strip().lower()) else None


def _name(where: str, cell: object) -> str:
    """Return the name of a subject; a whole number has no decimal point."""
    if isinstance(cell, str):
        name = cell.strip()
    elif (isinstance(cell, int) and not isinstance(cell, bool)) or _kind(cell) in ("i", "u"):
        name = str(int(cell))  # type: ignore[call-overload]
    else:
        value = _number("ID", where, cell)
        if value is not None and abs(value) > _LARGEST_EXACT:
            raise ParameterError(
                f"{where}: ID must be at most 2**53 as a float, which holds no more digits, "
                f"got {shown(cell)}: give whole numbers or texts"
            )
        name = "" if value is None else repr(value).removesuffix(".0")
    if name.lower() in _MISSING:
        raise ParameterError(f"{where} must have an ID, got {shown(cell)}")
    return name


def _compartment(where: str, cell: object) -> str | None:
    """Return the name or number of a compartment; 0 and a missing cell are the drug's own."""
    if isinstance(cell, str):
        name = cell.strip()
        if name.lower() in _MISSING:
            return None
        value = _read(name)
        if value is None:
            return name
    else:
        value = _number("CMT", where, cell)
    number = value or 0.0
    if not (number.is_integer() and number >= 0):
        hint = ": turning a compartment off is not honoured" if number < 0 else ""
        raise ParameterError(f"{where}: CMT must be a name or a number from 1, got {cell!r}{hint}")
    return str(int(number)) if number else None


def _chosen(columns: dict[str, list[Any]], ignore: Sequence[str]) -> dict[str, list[Any]]:
    """Return the columns that are honoured, by their names in capitals."""
    ignored = {text("ignore", name).lower() for name in listed("ignore", ignore)}
    chosen: dict[str, list[Any]] = {}
    for name, values in columns.items():
        if name.strip().lower() in ignored:
            continue
        upper = name.strip().upper()
        if upper not in COLUMNS:
            error = unknown("column of `events`", name, COLUMNS)
            raise type(error)(f"{error}: list it in `ignore` if it says nothing about doses")
        if upper in chosen:
            raise ParameterError(f"`events` must have one column {upper}, got two")
        chosen[upper] = values
    for name in _NEEDED:
        if name not in chosen:
            raise ParameterError(f"`events` must have a column {name}, got {sorted(columns)}")
    lengths = {len(values) for values in chosen.values()}
    if len(lengths) > 1:
        raise ParameterError(f"`events` must have columns of one length, got {sorted(lengths)}")
    return chosen


def _columns(events: Table) -> dict[str, list[Any]]:
    """Return the columns of a file, a mapping or a data frame as lists."""
    if isinstance(events, str | os.PathLike):
        return _file(events)
    if isinstance(events, Mapping):
        given = mapping("events", events)
    elif hasattr(events, "columns") and hasattr(events, "__getitem__"):
        given = {text("column of `events`", name): events[name] for name in events.columns}
    else:
        raise ParameterTypeError(
            f"`events` must be a path, a mapping of columns or a data frame, got {shown(events)}"
        )
    return {name: listed(f"events[{name!r}]", values) for name, values in given.items()}


def _file(path: str | os.PathLike[str]) -> dict[str, list[Any]]:
    try:
        with open(path, encoding="utf-8-sig", newline="") as lines:
            rows = [row for row in csv.reader(lines, strict=True) if row]
    except OSError as error:
        raise FileFormatError(f"`events` {shown(str(path))} cannot be read: {error}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise FileFormatError(f"`events` {shown(str(path))} is not a table: {error}") from None
    if not rows:
        raise FileFormatError(f"`events` {shown(str(path))} must have a header, got an empty file")
    header, *body = rows
    if len({name.strip().lower() for name in header}) < len(header):
        raise ParameterError(f"`events` must have columns of different names, got {header}")
    for number, row in enumerate(body, start=1):
        if len(row) != len(header):
            raise ParameterError(
                f"row {number} of `events` must have {len(header)} cells, got {len(row)}"
            )
    return {name: [row[i] for row in body] for i, name in enumerate(header)}


def write(courses: Sequence[Course]) -> dict[str, list[float | str]]:
    """Return the event table of some courses; see :meth:`Regimen.to_events`."""
    drugs = sorted({course.drug for course in courses})
    if len(drugs) > 1:
        raise ParameterError(f"an event table must hold one drug, got {', '.join(drugs)}")
    names = ["TIME", "AMT", "RATE", "II", "ADDL", "SS", "EVID"]
    if any(course.compartment is not None for course in courses):
        names.append("CMT")
    if any(course.subject_id is not None for course in courses):
        names.insert(0, "ID")
    rows = [_row(course) for course in _in_rows(courses)]
    return {name: [row[name] for row in rows] for name in names}


def _in_rows(courses: Sequence[Course]) -> list[Course]:
    """The courses by subject, in the order of time."""
    ids = dict.fromkeys(course.subject_id for course in courses)
    place = {name: number for number, name in enumerate(ids)}
    return sorted(courses, key=lambda course: (place[course.subject_id], course.start_h))


def _row(course: Course) -> dict[str, float | str]:
    if not course.dose_mg > 0 and course.doses:
        raise ParameterError(f"an event table must hold doses above 0 mg, got {course!r}")
    kind = 3 if course.reset else 2
    if course.doses:
        kind = 4 if course.reset else 1
    return {
        "ID": course.subject_id or "",
        "TIME": course.start_h,
        "AMT": course.dose_mg if course.doses else 0.0,
        "RATE": course.rate_mg_h or 0.0 if course.doses else 0.0,
        "II": course.every_h or 0.0,
        "ADDL": max(course.doses - 1, 0),
        "SS": course.steady_state,
        "EVID": kind,
        "CMT": course.compartment or "0",
    }
