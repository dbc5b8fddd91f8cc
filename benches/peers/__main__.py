"""`python -m benches.peers`: all works, all contenders that can be imported, one report."""

import argparse
import os
import sys
from pathlib import Path

from benches import chain

from . import contest, measure, report, scaling

RESULTS = Path(__file__).parents[1] / "RESULTS.md"
LEAST_ROUNDS = 5


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benches.peers", description=__doc__)
    parser.add_argument("--work", action="append", help="such as c1; all by default")
    parser.add_argument("--only", action="append", default=[], help="a part of a contender's name")
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies every size")
    parser.add_argument(
        "--output",
        type=Path,
        help="by default benches/RESULTS.md for a full run, else the screen alone",
    )
    return parser.parse_args()


def main() -> None:
    options = parse()
    full = not options.work and not options.only and options.scale == 1
    output = options.output or (RESULTS if full and options.rounds >= LEAST_ROUNDS else None)
    before = os.getloadavg()[0]
    results, growth = [], []
    for found in contest.find(options.work):
        entries = measure.run(
            found,
            rounds=options.rounds,
            scale=options.scale,
            only=options.only,
            say=lambda line: print(line, file=sys.stderr, flush=True),
        )
        results.append((found, entries))
        if not options.only:
            growth.extend(scaling.measure(found))
    page = report.write(
        results,
        command=" ".join(["python -m benches.peers", *sys.argv[1:]]),
        rounds=options.rounds,
        scale=options.scale,
        scaling=growth,
        load=(before, os.getloadavg()[0]),
        chain=chain.section() if full else "",
    )
    print(page)
    if output:
        output.write_text(page)


if __name__ == "__main__":
    main()
