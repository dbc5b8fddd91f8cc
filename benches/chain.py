"""`python -m benches.chain`: work E, the whole chain by its mean field, and work F, start-up.

No peer does these, so they are seconds against a goal, not ratios. Each round is a fresh
interpreter: a second run of the same people would find the tables of the first one.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass

ROUNDS = 5

#: Four drugs at label doses for 28 days and 28 days after them, through every stage.
CHAIN = """
import time
import vmatcore as vm
from vmatcore import label
arms = {{n: label.regimen(n, days=28) for n in
        ("reserpine", "tetrabenazine", "deutetrabenazine", "valbenazine")}}
warm = vm.simulate("valbenazine 80 mg q24h x 2")
for stage in ({stages}):
    getattr(warm, stage)
people = [vm.Subject(weight_kg=50 + 40 * i / {subjects}) for i in range({subjects})]
begin = time.perf_counter()
result = vm.compare(arms, until_h=56 * 24, subjects=people, progress=False)
for arm in result:
    for stage in ({stages}):
        getattr(result[arm], stage)
print(time.perf_counter() - begin)
"""

STAGES = ("terminal", "signal", "outcome", "to_half", "plasticity")


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Seconds of one work, a number for each round, and the goal."""

    work: str
    what: str
    goal_s: float
    seconds: tuple[float, ...]

    def row(self) -> tuple[str, ...]:
        """Return what the table shows."""
        middle = statistics.median(self.seconds)
        spread = f"{min(self.seconds):.3g} to {max(self.seconds):.3g}"
        met = "met" if middle <= self.goal_s else "missed"
        return (self.work, self.what, f"{middle:.3g} ({spread})", f"{self.goal_s:g} s: {met}")


def _python(code: str) -> float:
    """Return the number that a fresh interpreter prints last."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def _command(*arguments: str) -> float:
    """Return the wall time of the command line in a new folder."""
    code = (
        "import subprocess, sys, time; begin = time.perf_counter(); "
        "subprocess.run([sys.executable, '-c', 'from vmatcore.cli import main; main()', "
        f"*{list(arguments)!r}], check=True, stdout=subprocess.DEVNULL); "
        "print(time.perf_counter() - begin)"
    )
    return _python(code)


def measure() -> Iterator[Timing]:
    """Yield the timings, all on as many cores as there are."""
    for subjects, goal in ((1, 2.0), (1000, 60.0)):
        code = CHAIN.format(subjects=subjects, stages=", ".join(map(repr, STAGES)))
        people = "one subject" if subjects == 1 else f"{subjects:,} subjects"
        rounds = ROUNDS if subjects == 1 else 1
        yield Timing(
            work="E",
            what=f"four drugs, 28 + 28 days, all stages, {people}",
            goal_s=goal,
            seconds=tuple(_python(code) for _ in range(rounds)),
        )
    imports = (
        "import numpy, time; begin = time.perf_counter(); import vmatcore; "
        "print(time.perf_counter() - begin)"
    )
    for what, goal, call in (
        ("import vmatcore, beyond numpy", 0.15, lambda: _python(imports)),
        ("vmatcore --help", 0.15, lambda: _command("--help")),
    ):
        seconds = tuple(call() for _ in range(ROUNDS))
        yield Timing(work="F", what=what, goal_s=goal, seconds=seconds)
    with tempfile.TemporaryDirectory() as folder:
        seconds = tuple(_command("compare", "-o", folder) for _ in range(ROUNDS))
    yield Timing(work="F", what="vmatcore compare, with its figure", goal_s=5.0, seconds=seconds)


def section() -> str:
    """Return the timings as a section in Markdown."""
    heads = ("work", "what", "seconds", "goal")
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    lines += ["| " + " | ".join(timing.row()) + " |" for timing in measure()]
    return "\n\n".join(
        [
            "## E and F: the whole chain, and start-up",
            f"Wall time in fresh interpreters, all cores, medians of {ROUNDS} with the smallest "
            "and largest (1,000 subjects: once). E begins after the import and one small run.",
            "\n".join(lines),
        ]
    )


if __name__ == "__main__":
    print(section())
