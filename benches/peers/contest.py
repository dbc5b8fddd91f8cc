"""What a work is, what a contender is, and how both are found by the names of their files."""

import importlib
import pkgutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Work:
    """One job that every contender does, with the rule that says when an answer is right."""

    name: str
    title: str
    rule: str
    unit: str
    """What is counted, in the plural: the speed is in `unit` per second."""
    size: int
    """How many units the full work has."""
    make: Callable[[int], Any]
    """From a number of units to the problem: the first units of the full work."""
    check: Callable[[Any, Any], float]
    """From a problem and its answer to the answer's error; infinity for a malformed answer."""
    error: str
    tolerance: float
    contenders: str = ""
    """Files `<this>_*.py` hold the contenders; the work's own key by default."""


@dataclass(frozen=True, kw_only=True)
class Contender:
    """One way to do a work. `prepare` is timed apart; only the calls of its result count."""

    name: str
    prepare: Callable[[Any, int], Callable[[], Any]]
    """From a problem and a number of threads to a call without arguments that does the work.

    A library that counts the cores when it starts must start when its module is imported: with
    one thread, `prepare` already runs on one core.
    """
    packages: tuple[str, ...]
    """The distributions it stands on; their versions are reported."""
    size: int
    """How many units one call does; slow contenders do a few, and the speed is scaled."""
    all_threads: bool = True
    """False for a contender that knows only one thread."""
    output: str = "new"
    """"new" array in every call, or "reused": the same array is overwritten."""
    note: str = ""


@dataclass(frozen=True)
class Contest:
    """A work and those that do it; `absent` says which could not be imported, and why."""

    work: Work
    contenders: list[Contender] = field(default_factory=list)
    absent: list[tuple[str, str]] = field(default_factory=list)
    import_s: dict[str, float] = field(default_factory=dict)


def reason(problem: BaseException) -> str:
    """An exception in one line."""
    text = " ".join(str(problem).split())
    return f"{type(problem).__name__}: {text}"[:240]


def find(only_works: list[str] | None = None) -> list[Contest]:
    """All works and contenders in this package, the works in order of their names."""
    package = __name__.rpartition(".")[0]
    path = importlib.import_module(package).__path__
    names = sorted(module.name for module in pkgutil.iter_modules(path))
    contests = []
    for name in names:
        if not name.startswith("work_"):
            continue
        key = name.removeprefix("work_")
        if only_works and key not in only_works:
            continue
        contest = Contest(importlib.import_module(f"{package}.{name}").WORK)
        prefix = f"{contest.work.contenders or key}_"
        for module in (other for other in names if other.startswith(prefix)):
            begin = time.perf_counter()
            try:
                contenders = importlib.import_module(f"{package}.{module}").CONTENDERS
            except Exception as problem:  # a missing or broken peer must not stop the others
                contest.absent.append((module, reason(problem)))
                continue
            contest.import_s[module] = time.perf_counter() - begin
            contest.contenders.extend(contenders)
        contests.append(contest)
    return contests
