"""What a run measured, in Markdown."""

import datetime
import statistics
from collections.abc import Iterable

from . import machine
from .contest import Contest
from .measure import TURN_CALLS, TURN_S, Entry, ratios, reference
from .scaling import Scaling, Threads

RULE = f"""\
- All contenders run in one process, in rounds of one turn each (A, B, C, A, B, C, ...), so that a
  machine that drifts does so for all. A turn is one call that is not counted, then
  calls until {TURN_S:g} s have passed or {TURN_CALLS} were made; their median counts.
- Speeds are medians of the rounds, the smallest and largest in brackets. Ratios are taken within
  each round; stated is their median.
- One thread means that the whole process is held on one core. All threads are listed for those
  that have them.
- Timed is the way from the parameter arrays to the full output array. Compiling, loading a model
  and the first call are timed apart ("first call"); releasing the last output is not timed.
- The output is the same for all. "new" is an array allocated by NumPy in every call; "reused" is
  written again and again, which saves the page faults of a new array: a bound, not a competitor.
- Answers are checked in every round before its time counts. A wrong contender is not ranked.
- Slow contenders do the first few {{unit}}; the speed is per {{singular}} all the same.
"""


def number(value: float) -> str:
    """Three figures, thousands set apart."""
    digits = max(0, 2 - len(str(int(value))) + 1)
    return f"{float(f'{value:.3g}'):,.{digits}f}"


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = ["| " + " | ".join(heads) + " |"]
    lines.append("|" + " --- |" * (lines[0].count("|") - 1))
    lines.extend("| " + " | ".join(row) + " |" for row in rows)
    return "\n".join(lines)


def ranking(contest: Contest, entries: list[Entry], threads: int) -> str:
    right = [entry for entry in entries if entry.threads == threads and entry.right]
    ranked = sorted((entry for entry in right if entry.speeds), key=lambda entry: -entry.speed)
    standard = reference(ranked)
    if standard is None:
        return "No contender to rank."
    name = standard.contender.name
    heads = (
        "contender",
        "output",
        f"{contest.work.unit}/s",
        f"{name} is so many times as fast",
        contest.work.error,
        "first call, s",
        f"{contest.work.unit} a call",
    )
    rows = []
    for entry in ranked:
        spread = f"{number(min(entry.speeds))} to {number(max(entry.speeds))}"
        rows.append(
            (
                entry.contender.name,
                entry.contender.output,
                f"{number(entry.speed)} ({spread})",
                number(statistics.median(ratios(standard, entry))),
                f"{entry.error:.1e}",
                f"{entry.first_s:.2f}",
                f"{entry.size:,}",
            )
        )
    return table(heads, rows)


def not_ranked(contest: Contest, entries: list[Entry]) -> list[str]:
    lines = [f"- `{module}` could not be imported: {why}" for module, why in contest.absent]
    for entry in entries:
        who = f"- {entry.contender.name}, {entry.threads} thread(s)"
        if entry.failure:
            lines.append(f"{who}: failed: {entry.failure}")
        elif not entry.right:
            lines.append(f"{who}: wrong: {contest.work.error} {entry.error:.1e}")
    return lines


def section(contest: Contest, entries: list[Entry]) -> str:
    work = contest.work
    parts = [f"## {work.name}: {work.title}", work.rule]
    for threads in sorted({entry.threads for entry in entries}):
        parts += [
            "### One thread" if threads == 1 else f"### All threads ({threads})",
            ranking(contest, entries, threads),
        ]
    unranked = not_ranked(contest, entries)
    if unranked:
        parts += ["### Not ranked", "\n".join(unranked)]
    notes = {e.contender.name: e.contender.note for e in entries if e.contender.note}
    if notes:
        parts += ["### Notes", "\n".join(f"- {name}: {note}." for name, note in notes.items())]
    return "\n\n".join(parts)


def growth(found: list[Scaling | Threads]) -> str:
    """How the cost of vmatcore grows."""
    sizes = [
        (
            one.work,
            one.over,
            " / ".join(f"{size:,}" for size in one.sizes),
            " / ".join(number(1000 * second) for second in one.seconds),
            f"{one.exponent:.2f}",
        )
        for one in found
        if isinstance(one, Scaling)
    ]
    threads = [
        (one.work, f"{one.ratio:.2f} ({one.least:.2f} to {one.most:.2f})")
        for one in found
        if isinstance(one, Threads)
    ]
    parts = [
        "## How the cost of vmatcore grows",
        "Medians of 5 rounds in turn, one thread. The exponent is the slope of log cost over log "
        "size: 1 is linear; below 1 a fixed part of the cost shows. Read times are a part of the "
        "same grid.",
        table(("work", "over", "sizes", "ms", "exponent"), sizes),
    ]
    if threads:
        parts.append(table(("work", "all threads over one"), threads))
    return "\n\n".join(parts)


def write(
    results: list[tuple[Contest, list[Entry]]],
    *,
    command: str,
    rounds: int,
    scale: float,
    scaling: list[Scaling | Threads],
    load: tuple[float, float],
    chain: str = "",
) -> str:
    """The whole page; ``chain`` is the section on the works without peers."""
    today = datetime.datetime.now(datetime.UTC).date()
    every = [entry for _, entries in results for entry in entries]
    packages = sorted({name for entry in every for name in entry.contender.packages})
    facts = {
        **machine.describe(),
        "load average before and after": f"{load[0]:.2f}, {load[1]:.2f}",
        "packages": ", ".join(f"{name} {machine.version(name)}" for name in packages),
    }
    units = {contest.work.unit for contest, _ in results}
    unit = units.pop() if len(units) == 1 else "units"
    made = f"Made by `{command}` on {today}, {rounds} rounds."
    if scale != 1:
        made += f" Every size was multiplied by {scale:g}: not a full run."
    parts = [
        "# Speed, side by side",
        made,
        "## Machine",
        table(("what", "value"), facts.items()),
        "## Rule of comparison",
        RULE.format(unit=unit, singular=unit.removesuffix("s")).strip(),
        *(section(contest, entries) for contest, entries in results),
        *([chain] if chain else []),
        *([growth(scaling)] if scaling else []),
    ]
    return "\n\n".join(parts) + "\n"
