"""A long call can be stopped, watched, and shared with other threads and forked children."""

from __future__ import annotations

import inspect
import os
import random
import signal
import statistics
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest

import vmatcore as vm
from tests.reference.stop import stopped_after_s
from vmatcore.errors import CancelledError
from vmatcore.pk import Flow, Graph, Input, Readout, solve

#: A watchdog: nothing below takes this long unless it hangs.
HANGS_S = 60.0


def long_call(**settings):
    """Many different steps for many subjects: about 20 s on one thread, 40 MB of results."""
    import numpy as np

    from vmatcore.pk import Flow, Graph, Input, Readout, solve

    names = [f"c{i}" for i in range(24)]
    rates = 0.5 + np.arange(96) / 96.0
    flows = [Flow(a, b, rate_per_h=rates) for a, b in zip(names, [*names[1:], None], strict=True)]
    graph = Graph(names, flows, [Readout("last", names[-1])])
    time_h = np.cumsum(0.1 + 1e-6 * np.arange(50_000) ** 1.5 % 0.01)
    return solve(graph, inputs=[Input("c0", 1.0)], time_h=time_h, **settings)


#: For children, which are given text to run.
LONG = inspect.getsource(long_call)


def in_a_child(script: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", LONG + textwrap.dedent(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def told(child: subprocess.Popen) -> str:
    """Wait for a child that must end; a child that hangs is killed and fails the test."""
    try:
        out, err = child.communicate(timeout=HANGS_S)
    except subprocess.TimeoutExpired:
        child.kill()
        pytest.fail(f"the child hung: {child.communicate()}")
    assert child.returncode == 0, err
    return out


INTERRUPTED = """
import signal, sys, time
# A shell that starts the tests in the background hands down an ignored SIGINT.
signal.signal(signal.SIGINT, signal.default_int_handler)
for _ in range(int(sys.stdin.readline())):
    try:
        print("ready", flush=True)
        long_call(threads={threads})
        print("finished", flush=True)
    except KeyboardInterrupt:
        print(time.monotonic(), flush=True)
"""


@pytest.mark.parametrize("threads", [1, 2, None])
def test_ctrl_c_stops_a_long_call_at_once(threads):
    child = subprocess.Popen(
        [sys.executable, "-c", LONG + INTERRUPTED.format(threads=threads)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    watchdog = threading.Timer(HANGS_S, child.kill)
    watchdog.start()
    moments = random.Random("ctrl-c")
    delays_s = []
    try:
        child.stdin.write("10\n")
        child.stdin.flush()
        for _ in range(10):
            assert child.stdout.readline() == "ready\n"
            time.sleep(moments.uniform(0.1, 0.4))
            sent = time.monotonic()
            child.send_signal(signal.SIGINT)
            delays_s.append(float(child.stdout.readline()) - sent)
        assert child.wait(HANGS_S) == 0
    finally:
        watchdog.cancel()
        child.kill()
        child.communicate()
    print("Ctrl-C, ms:", sorted(round(1e3 * delay, 1) for delay in delays_s))
    assert min(delays_s) > 0
    assert statistics.median(delays_s) < 0.1
    assert max(delays_s) < 1.0


def test_a_token_stops_a_long_call_from_another_thread():
    delays_s = [
        stopped_after_s(lambda token: long_call(cancel=token), used_after_s=0.2) for _ in range(5)
    ]
    assert statistics.median(delays_s) < 0.1
    assert max(delays_s) < 1.0


def test_a_token_stops_a_call_that_runs_in_another_thread():
    token, outcome = vm.CancelToken(), []

    def run():
        try:
            outcome.append(long_call(cancel=token))
        except CancelledError as error:
            outcome.append(error)

    runner = threading.Thread(target=run)
    runner.start()
    time.sleep(0.2)
    assert runner.is_alive()
    token.cancel()
    runner.join(5.0)
    assert [type(value) for value in outcome] == [CancelledError]


class StopHereError(Exception):
    pass


def test_an_exception_of_the_progress_function_stops_the_call_and_comes_out_unchanged():
    error, seen = StopHereError("enough"), []

    def progress(done):
        seen.append(done)
        if len(seen) == 10:
            raise error

    start = time.monotonic()
    with pytest.raises(StopHereError) as caught:
        long_call(progress=progress)
    assert caught.value is error
    assert len(seen) == 10
    assert time.monotonic() - start < 5.0


def test_progress_is_a_count_that_grows_to_the_number_of_subjects():
    subjects = 3000
    graph = Graph(
        [f"c{i}" for i in range(12)],
        [Flow(f"c{i}", f"c{i + 1}", rate_per_h=np.full(subjects, 0.3)) for i in range(11)],
        [Readout("last", "c11")],
    )
    seen = []
    solve(graph, inputs=[Input("c0", 1.0)], time_h=TIMES_OF_A_SECOND, progress=seen.append)
    assert len(seen) > 5
    assert seen == sorted(seen)
    assert all(isinstance(done, int) for done in seen)
    assert seen[-1] == subjects
    assert len(set(seen)) > 3


#: A second of work for the call above, on a slow machine several.
TIMES_OF_A_SECOND = np.cumsum(0.1 + 1e-6 * np.arange(300) ** 1.5 % 0.01)


def longest_pauses_s(call) -> list[float]:
    """Run a call while another Python thread looks at the clock every millisecond."""
    clock, stop = [], threading.Event()

    def count():
        while not stop.is_set():
            clock.append(time.perf_counter())
            time.sleep(0.001)

    counter = threading.Thread(target=count)
    counter.start()
    while len(clock) < 10:
        time.sleep(0.001)
    clock[:] = [time.perf_counter()]
    try:
        call()
    finally:
        clock.append(time.perf_counter())
        stop.set()
        counter.join()
    return sorted(np.diff(clock), reverse=True)


def test_another_python_thread_goes_on_during_a_long_call():
    token = vm.CancelToken()
    timer = threading.Timer(1.5, token.cancel)

    def call():
        timer.start()
        with pytest.raises(CancelledError):
            long_call(cancel=token, threads=1)

    pauses_s = longest_pauses_s(call)
    timer.join()
    print("pauses, ms: p95", 1e3 * np.quantile(pauses_s, 0.95), "longest", 1e3 * pauses_s[0])
    assert len(pauses_s) > 100
    assert np.quantile(pauses_s, 0.95) < 0.05
    assert pauses_s[0] < 0.5


def test_a_million_different_times_do_not_hold_up_another_thread():
    graph = Graph(["a"], [Flow("a", None, rate_per_h=0.1)], [Readout("a", "a")])
    time_h = np.cumsum(1e-4 + 1e-9 * np.arange(1_000_000) ** 1.5 % 1e-5)

    def call():
        solve(graph, inputs=[Input("a", 1.0)], time_h=time_h, threads=1)

    longest = min(longest_pauses_s(call)[0] for _ in range(3))
    print("longest pause, ms:", 1e3 * longest)
    assert longest < 0.1


def test_a_token_stops_a_call_that_is_still_planning_its_steps():
    graph = Graph(["a"], [Flow("a", None, rate_per_h=0.1)], [Readout("a", "a")])
    time_h = np.cumsum(1e-4 + 1e-9 * np.arange(3_000_000) ** 1.5 % 1e-5)
    delays_s = []
    for _ in range(3):
        token, used = vm.CancelToken(), []

        def cancel(token=token, used=used):
            used.append(time.monotonic())
            token.cancel()

        timer = threading.Timer(0.3, cancel)
        timer.start()
        with pytest.raises(CancelledError):
            solve(graph, inputs=[Input("a", 1.0)], time_h=time_h, cancel=token)
        delays_s.append(time.monotonic() - used[0])
        timer.join()
    assert statistics.median(delays_s) < 0.2


FORKS = """
import os, signal, threading, time
import vmatcore as vm
from tests.reference.stop import stopped_after_s

subject = vm.Subject()
expected = vm.simulate("reserpine 1 mg q24h x 3", threads=2).occupancy.vmat2.tobytes()
token = vm.CancelToken()
if {busy}:
    def run():
        try:
            long_call(cancel=token, threads=2)
        except vm.VmatError:
            pass
    other = threading.Thread(target=run)
    other.start()
    time.sleep(0.2)
for number in range({forks}):
    child = os.fork()
    if child == 0:
        signal.alarm(30)  # a child that hangs is killed and counted below
        run = vm.simulate("reserpine 1 mg q24h x 3", threads=1 + number % 3)
        os._exit(0 if run.occupancy.vmat2.tobytes() == expected else 3)
    _, status = os.waitpid(child, 0)
    assert status == 0, (number, status)
token.cancel()
print("all {forks} came back")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.parametrize(("forks", "busy"), [(50, False), (10, True)])
def test_forked_children_do_not_hang_and_have_the_same_bits(forks, busy):
    child = in_a_child(FORKS.format(forks=forks, busy=busy))
    assert told(child) == f"all {forks} came back\n"


def test_a_call_works_again_after_one_that_was_stopped():
    token = vm.CancelToken()
    threading.Timer(0.1, token.cancel).start()
    with pytest.raises(CancelledError):
        long_call(cancel=token)
    graph = Graph(["a"], [Flow("a", None, rate_per_h=np.ones(96))], [Readout("a", "a")])
    values = solve(graph, inputs=[Input("a", 1.0)], time_h=[0.0, 1.0])
    assert values[:, 0, 1] == pytest.approx(np.exp(-1.0), rel=1e-12)
