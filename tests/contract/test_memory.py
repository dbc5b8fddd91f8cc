"""Memory is estimated, and refused before it is taken; what does not fit never kills Python."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import time
import tracemalloc

import numpy as np
import pytest

import vmatcore as vm
from vmatcore.errors import MemoryLimitError, VmatError
from vmatcore.pk import Flow, Graph, Input, Readout, solve
from vmatcore.work import available_bytes, claim

MILLION = 1_000_000
SENTENCE = "valbenazine 80 mg q24h x 28"


def graph(subjects: int, readings: int = 1) -> Graph:
    rates = np.full(subjects, 0.1)
    names = [f"x{i}" for i in range(readings)]
    return Graph(["a"], [Flow("a", None, rate_per_h=rates)], [Readout(name, "a") for name in names])


@functools.cache
def many() -> vm.Run:
    """Return a run of many subjects, made before its reading is timed."""
    return vm.simulate(SENTENCE, time_h=[1.0], subjects=[vm.Subject()] * 10_000)


HUGE = {
    "a terabyte of readings": lambda: solve(
        graph(MILLION), inputs=[Input("a", 1.0)], time_h=np.arange(100_000.0)
    ),
    "ten readings": lambda: solve(
        graph(MILLION, readings=10), inputs=[], time_h=np.arange(10_000.0)
    ),
    "read times too close": lambda: vm.simulate(
        SENTENCE, every_h=1e-4, subjects=[vm.Subject()] * 10_000
    ),
    "two arms": lambda: vm.compare(
        {"a": SENTENCE, "b": SENTENCE}, every_h=1e-4, subjects=[vm.Subject()] * 10_000
    ),
    "a run read again": lambda: many().read(np.arange(5e6) * 1e-4),
    "reads of reserpine": lambda: vm.simulate(
        "reserpine 1 mg", time_h=np.arange(5e6) * 1e-4, subjects=[vm.Subject()] * 100_000
    ),
}


@pytest.mark.parametrize("name", HUGE)
def test_what_cannot_fit_is_refused_before_any_of_it_is_taken(name):
    assert (available_bytes() or 0) < 10**12 / 4
    many()
    tracemalloc.start()
    try:
        start = time.perf_counter()
        with pytest.raises(MemoryLimitError, match=r"need .* GB.*: take fewer") as caught:
            HUGE[name]()
        took = time.perf_counter() - start
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(caught.value, MemoryError)
    assert isinstance(caught.value, VmatError)
    assert peak < 200e6
    assert took < 3.0


def test_sizes_past_64_bits_are_refused_too():
    for shape in [(2**40, 2**40), (2**62,), (10**30,), (2**31, 2**31)]:
        with pytest.raises(MemoryLimitError, match="GB"):
            claim("the readings", shape)
    assert claim("nothing", (0, 2**62), (2**62, 0)) == 0


CALLS = {
    "a system": lambda: solve(
        graph(20_000, readings=2), inputs=[Input("a", 1.0, 0.0, 2.0)], time_h=np.arange(100.0)
    ),
    "one drug": lambda: vm.pk.simulate(
        SENTENCE, time_h=np.arange(1000.0), subjects=[vm.Subject()] * 300
    ),
    "two drugs": lambda: vm.pk.simulate(
        f"tetrabenazine 5 mg & {SENTENCE}",
        time_h=np.arange(1000.0),
        subjects=[vm.Subject()] * 200,
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_estimate_is_within_a_tenth_of_what_the_arrays_take(name, monkeypatch):
    vm.simulate("tetrabenazine 5 mg & valbenazine 5 mg")  # what is loaded once is loaded now
    claims = []

    def noted(*arguments, **settings):
        claims.append(claim(*arguments, **settings))
        return claims[-1]

    for module in ("graph", "stage"):
        monkeypatch.setattr(f"vmatcore.pk.{module}.claim", noted)
    tracemalloc.start()
    try:
        result = CALLS[name]()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert max(claims) == pytest.approx(peak, rel=0.1)
    if isinstance(result, np.ndarray):
        assert max(claims) == pytest.approx(result.nbytes, rel=0.1)


UNDER_A_LIMIT = """
import json, os, resource, signal, sys
import numpy as np
import vmatcore as vm
from vmatcore.pk import Flow, Graph, Input, Readout, solve

def graph(subjects):
    return Graph(["a"], [Flow("a", None, rate_per_h=np.full(subjects, 0.1))], [Readout("x", "a")])

one, many = graph(1), graph(500_000)
close = np.cumsum(1e-4 + 1e-9 * np.arange(1_000_000) ** 1.5 % 1e-5)
names = [f"c{i}" for i in range(300)]
wide = Graph(names, [Flow(a, b, rate_per_h=0.1) for a, b in zip(names, names[1:])],
             [Readout("x", "c9")])
people = [vm.Subject()] * 60
requests = {
    "few numbers": lambda: solve(one, inputs=[Input("a", 1.0)], time_h=[0.0, 1.0], threads=1),
    "many times": lambda: solve(one, inputs=[Input("a", 1.0)], time_h=close, threads=1),
    "many subjects": lambda: solve(many, inputs=[Input("a", 1.0, 0, 1)], time_h=np.arange(20.0)),
    "many states": lambda: solve(wide, inputs=[Input("c0", 1.0)], time_h=[1.0], threads=1),
    "a long run": lambda: vm.simulate("valbenazine 80 mg q24h x 7", every_h=5e-4, threads=1),
    "reserpine": lambda: vm.simulate("reserpine 1 mg q24h x 99", subjects=people, threads=1),
    "far reads": lambda: vm.simulate("reserpine 1 mg", time_h=[0.0, 1e9], threads=1),
}
vm.simulate("reserpine 1 mg & valbenazine 1 mg", until_h=1.0)  # loads what is loaded once
found = []
for name, headroom in json.loads(sys.argv[1]):
    into, out = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        with open("/proc/self/statm") as statm:
            taken = int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        limit = taken + int(headroom * 1e6)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        try:
            requests[name]()
            os.write(out, b"done")
        except MemoryError:
            os.write(out, b"MemoryError")
        except BaseException as error:
            os.write(out, f"{type(error).__name__}: {error}"[:300].encode())
        os._exit(0)
    os.close(out)
    _, status = os.waitpid(child, 0)
    found.append((name, headroom, status, os.read(into, 1000).decode()))
    os.close(into)
print(json.dumps(found))
"""

HEADROOMS_MB = (1, 10, 40, 100, 200, 400)


@pytest.mark.skipif(sys.platform != "linux", reason="address space is limited on Linux alone")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    "name",
    [
        "few numbers",
        "many times",
        "many subjects",
        "many states",
        "a long run",
        "reserpine",
        "far reads",
    ],
)
def test_a_limit_on_the_address_space_gives_a_memory_error_and_never_an_abort(name):
    wanted = [(name, headroom) for headroom in HEADROOMS_MB]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", UNDER_A_LIMIT, json.dumps(wanted)],
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [tuple(row[:2]) for row in found] == wanted
    allowed = {"done", "MemoryError"} | ({"ParameterError"} if name == "far reads" else set())
    bad = [row for row in found if row[2] != 0 or row[3].partition(":")[0] not in allowed]
    assert not bad
    if name in ("many times", "many subjects", "a long run"):
        assert found[0][3] == "MemoryError"
        assert found[-1][3] == "done"
