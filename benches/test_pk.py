"""Linear pharmacokinetics against the pure-Python baseline: `pytest benches/ --benchmark-only`."""

from collections.abc import Callable

import numpy as np
import pytest

from benches.peers import c1_pure_python, work_c1

SUBJECTS = 200


@pytest.fixture(scope="module")
def problem() -> work_c1.Problem:
    return work_c1.make(SUBJECTS)


def vmatcore(problem: work_c1.Problem, threads: int) -> Callable[[], np.ndarray]:
    pytest.importorskip("vmatcore")
    from benches.peers import c1_vmatcore

    return c1_vmatcore.prepare(problem, threads)


@pytest.mark.benchmark(group="C1, 200 subjects")
def test_pure_python_is_right(benchmark, problem):
    answer = benchmark(c1_pure_python.prepare(problem, 1))
    assert work_c1.check(problem, answer) < work_c1.WORK.tolerance


@pytest.mark.benchmark(group="C1, 200 subjects")
@pytest.mark.parametrize("threads", [1, 2])
def test_vmatcore_is_right(benchmark, problem, threads):
    answer = benchmark(vmatcore(problem, threads))
    assert work_c1.check(problem, answer) < work_c1.WORK.tolerance
