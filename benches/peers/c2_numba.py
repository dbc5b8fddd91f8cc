"""C2 in numba as an expert would write it: Dormand-Prince written out, one subject at a time.

The four equations stand in scalars, so that the compiler keeps the stages in registers. Steps are
chosen by the largest error over its tolerance; reads between the ends of a step come from the
pair's polynomial of fourth degree; the step that fitted after a dose is tried again after the
next.
"""

from collections.abc import Callable

import numba
import numpy as np

from .contest import Contender
from .work_c2 import DOSE_MG, DOSES, FRACTION, STEP_H, STEPS_PER_DOSE, Problem

RELATIVE_TOLERANCE = 5e-6
ABSOLUTE_TOLERANCE = 1e-7
INTERVAL_H = STEPS_PER_DOSE * STEP_H
CHUNKS_PER_THREAD = 8

inline = numba.njit(inline="always", fastmath={"contract"})


@inline
def slope(y0, y1, y2, y3, ka, forth, back, fastest, half, clear):
    absorbed = ka * y0
    out, home = forth * y1, back * y2
    eliminated = fastest * y1 / (half + abs(y1))
    return (
        -absorbed,
        absorbed - out + home - eliminated,
        out - home,
        FRACTION * eliminated - clear * y3,
    )


@inline
def relative(error, before, after):
    size = max(abs(before), abs(after))
    return abs(error) / (ABSOLUTE_TOLERANCE + RELATIVE_TOLERANCE * size)


@inline
def between(share, step, start, end, first, last, bend):
    rise = end - start
    above = step * first - rise
    below = rise - step * last - above
    left = 1.0 - share
    return start + share * (rise + left * (above + share * (below + left * bend)))


@inline
def solve_subjects(begin, stop, parameters, out):
    for subject in range(begin, stop):
        ka, fastest, half_c = (
            parameters[0][subject],
            parameters[1][subject],
            parameters[2][subject],
        )
        v1, q, v2 = parameters[3][subject], parameters[4][subject], parameters[5][subject]
        clm, vm = parameters[6][subject], parameters[7][subject]
        forth, back, half, clear = q / v1, q / v2, half_c * v1, clm / vm
        y0 = y1 = y2 = y3 = 0.0
        out[subject, 0, 0] = out[subject, 1, 0] = 0.0
        after_dose = 0.02
        for dose in range(DOSES):
            y0 += DOSE_MG
            time, read, step = 0.0, 1, after_dose
            k0, k1, k2, k3 = slope(y0, y1, y2, y3, ka, forth, back, fastest, half, clear)
            fresh = True
            while time < INTERVAL_H:
                left = INTERVAL_H - time
                h = left if step >= left else (0.5 * left if 2.0 * step > left else step)
                a = h * 0.2
                p0, p1, p2, p3 = slope(
                    y0 + a * k0, y1 + a * k1, y2 + a * k2, y3 + a * k3,
                    ka, forth, back, fastest, half, clear,
                )  # fmt: skip
                a, b = h * 3 / 40, h * 9 / 40
                q0, q1, q2, q3 = slope(
                    y0 + a * k0 + b * p0, y1 + a * k1 + b * p1,
                    y2 + a * k2 + b * p2, y3 + a * k3 + b * p3,
                    ka, forth, back, fastest, half, clear,
                )  # fmt: skip
                a, b, c = h * 44 / 45, h * -56 / 15, h * 32 / 9
                r0, r1, r2, r3 = slope(
                    y0 + a * k0 + b * p0 + c * q0, y1 + a * k1 + b * p1 + c * q1,
                    y2 + a * k2 + b * p2 + c * q2, y3 + a * k3 + b * p3 + c * q3,
                    ka, forth, back, fastest, half, clear,
                )  # fmt: skip
                a, b, c, d = (
                    h * 19372 / 6561, h * -25360 / 2187, h * 64448 / 6561, h * -212 / 729,
                )  # fmt: skip
                s0, s1, s2, s3 = slope(
                    y0 + a * k0 + b * p0 + c * q0 + d * r0, y1 + a * k1 + b * p1 + c * q1 + d * r1,
                    y2 + a * k2 + b * p2 + c * q2 + d * r2, y3 + a * k3 + b * p3 + c * q3 + d * r3,
                    ka, forth, back, fastest, half, clear,
                )  # fmt: skip
                a, b, c, d, e = (
                    h * 9017 / 3168, h * -355 / 33, h * 46732 / 5247, h * 49 / 176,
                    h * -5103 / 18656,
                )  # fmt: skip
                t0, t1, t2, t3 = slope(
                    y0 + a * k0 + b * p0 + c * q0 + d * r0 + e * s0,
                    y1 + a * k1 + b * p1 + c * q1 + d * r1 + e * s1,
                    y2 + a * k2 + b * p2 + c * q2 + d * r2 + e * s2,
                    y3 + a * k3 + b * p3 + c * q3 + d * r3 + e * s3,
                    ka, forth, back, fastest, half, clear,
                )  # fmt: skip
                a, c, d, e, f = (
                    h * 35 / 384, h * 500 / 1113, h * 125 / 192, h * -2187 / 6784, h * 11 / 84,
                )  # fmt: skip
                n0 = y0 + a * k0 + c * q0 + d * r0 + e * s0 + f * t0
                n1 = y1 + a * k1 + c * q1 + d * r1 + e * s1 + f * t1
                n2 = y2 + a * k2 + c * q2 + d * r2 + e * s2 + f * t2
                n3 = y3 + a * k3 + c * q3 + d * r3 + e * s3 + f * t3
                u0, u1, u2, u3 = slope(n0, n1, n2, n3, ka, forth, back, fastest, half, clear)
                a, c, d = h * 71 / 57600, h * -71 / 16695, h * 71 / 1920
                e, f, g = h * -17253 / 339200, h * 22 / 525, h * -1 / 40
                error = max(
                    relative(a * k0 + c * q0 + d * r0 + e * s0 + f * t0 + g * u0, y0, n0),
                    relative(a * k1 + c * q1 + d * r1 + e * s1 + f * t1 + g * u1, y1, n1),
                    relative(a * k2 + c * q2 + d * r2 + e * s2 + f * t2 + g * u2, y2, n2),
                    relative(a * k3 + c * q3 + d * r3 + e * s3 + f * t3 + g * u3, y3, n3),
                )
                factor = min(5.0, max(0.2, 0.9 * max(error, 1e-5) ** -0.2))
                if error > 1.0:
                    step = h * min(factor, 0.9)
                    continue
                if fresh:
                    after_dose = h * factor
                    fresh = False
                end = INTERVAL_H if h == left else time + h
                if read * STEP_H <= end:
                    a, c = h * -12715105075 / 11282082432, h * 87487479700 / 32700410799
                    d, e = h * -10690763975 / 1880347072, h * 701980252875 / 199316789632
                    f, g = h * -1453857185 / 822651844, h * 69997945 / 29380423
                    bend1 = a * k1 + c * q1 + d * r1 + e * s1 + f * t1 + g * u1
                    bend3 = a * k3 + c * q3 + d * r3 + e * s3 + f * t3 + g * u3
                    while read <= STEPS_PER_DOSE and read * STEP_H <= end:
                        share = (read * STEP_H - time) / h
                        column = dose * STEPS_PER_DOSE + read
                        parent = between(share, h, y1, n1, k1, u1, bend1)
                        metabolite = between(share, h, y3, n3, k3, u3, bend3)
                        out[subject, 0, column] = parent / v1
                        out[subject, 1, column] = metabolite / vm
                        read += 1
                time, step = end, h * factor
                y0, y1, y2, y3 = n0, n1, n2, n3
                k0, k1, k2, k3 = u0, u1, u2, u3


@numba.njit(fastmath={"contract"})
def one_thread(parameters, out):
    solve_subjects(0, len(out), parameters, out)


@numba.njit(fastmath={"contract"}, parallel=True)
def all_threads(parameters, out):
    chunks = numba.get_num_threads() * CHUNKS_PER_THREAD
    for chunk in numba.prange(chunks):
        begin, stop = len(out) * chunk // chunks, len(out) * (chunk + 1) // chunks
        solve_subjects(begin, stop, parameters, out)


def prepare(problem: Problem, threads: int) -> Callable[[], np.ndarray]:
    solve = one_thread if threads == 1 else all_threads

    def call() -> np.ndarray:
        out = np.empty(problem.shape)
        numba.set_num_threads(threads)
        solve(problem.parameters, out)
        return out

    return call


CONTENDERS = (
    Contender(
        name="numba, Dormand-Prince",
        prepare=prepare,
        packages=("numba", "numpy"),
        size=1_000,
        note=f"rtol {RELATIVE_TOLERANCE:g}, atol {ABSOLUTE_TOLERANCE:g}; written out in scalars",
    ),
)
