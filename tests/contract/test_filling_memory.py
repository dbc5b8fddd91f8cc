"""What filling claims of memory is what a process takes, on the heap of the core as well."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

PEAK = """
import json, sys
import numpy as np
import vmatcore as vm
from vmatcore.filling import stage

def peak():
    with open("/proc/self/status") as status:
        return 1024 * next(int(l.split()[1]) for l in status if l.startswith("VmHWM:"))

claims = []
honest = stage.claim
def noted(*arguments, **settings):
    claims.append(honest(*arguments, **settings))
    return claims[-1]
stage.claim = noted

bare = vm.filling.BirthDeath(birth_per_s=2.0, death_per_s=0.1)
acid = vm.Vesicle(proton_supply=vm.filling.ProtonSupply())
calls = {
    "contents": lambda n: vm.filling.simulate(bare, time_s=np.arange(20.0), vesicles=n, seed=1),
    "every molecule": lambda n: vm.filling.simulate(
        bare, time_s=np.arange(20.0) / 10, vesicles=n, seed=1, method="ssa"
    ),
    "events": lambda n: vm.filling.simulate(
        bare, time_s=[40.0], vesicles=n, seed=1, method="ssa", keep="events"
    ),
    "lumens": lambda n: vm.filling.simulate(
        acid, time_s=np.linspace(0, 0.01, 400), vesicles=n, seed=1, method="ssa"
    ),
    "moments": lambda n: vm.filling.simulate(
        bare, time_s=[1.0], vesicles=n, seed=1, keep=vm.filling.Moments()
    ),
}
call, size = calls[sys.argv[1]], int(sys.argv[2])
call(100)
claims.clear()
before = peak()
result = call(size)
print(json.dumps([sum(claims), peak() - before]))
"""


def claimed_and_taken(name: str, vesicles: int) -> tuple[int, int]:
    done = subprocess.run(
        [sys.executable, "-c", PEAK, name, str(vesicles)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    claimed, taken = json.loads(done.stdout)
    return claimed, taken


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process is read from /proc")
@pytest.mark.parametrize(
    ("name", "vesicles"),
    [
        ("contents", 4_000_000),
        ("every molecule", 4_000_000),
        ("events", 250_000),
        ("lumens", 12_000),
    ],
)
def test_a_process_takes_what_was_claimed_within_a_tenth(name, vesicles):
    claimed, taken = claimed_and_taken(name, vesicles)
    assert claimed > 100e6
    assert taken == pytest.approx(claimed, rel=0.1)


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process is read from /proc")
def test_moments_of_many_vesicles_take_next_to_nothing():
    _, taken = claimed_and_taken("moments", 20_000_000)
    assert taken < 10e6
