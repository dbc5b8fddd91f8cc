"""C1 in numba as an expert would write it: its own matrix exponential, one subject after another.

Two kernels, both with the matrix kept as the 11 entries that can differ from zero:

- *stepping*: the hourly matrix is applied 672 times. Bound by the latency of that chain.
- *powers*: between two doses the reads are rows of the matrix's powers times the state after the
  dose, the same rows in every interval. They are computed once a subject; the loop over the reads
  then has no chain and becomes vector code that writes the output in order.

`powers` is the fastest found, on one core about three times `stepping` and near the speed of
filling the array with a constant. Stepping eight subjects in lanes (structure of arrays, output
transposed through a buffer) was no faster than stepping one.
"""

import math
from collections.abc import Callable

import numba
import numpy as np

from .contest import Contender
from .work_c1 import DOSE_MG, DOSES, FRACTION, STEP_H, STEPS_PER_DOSE, Problem

NORM = 0.35
"""At this norm the first term left out of the series of degree 12 is below 1e-15."""
INVERSE_FACTORIALS = tuple(1 / math.factorial(order) for order in range(13))
CHUNKS_PER_THREAD = 4
READS = DOSES * STEPS_PER_DOSE + 1

FUSED = {"contract"}
inline = numba.njit(inline="always", fastmath=FUSED)


@inline
def product(left, right):
    l00, l10, l11, l12, l20, l21, l22, l30, l31, l32, l33 = left
    r00, r10, r11, r12, r20, r21, r22, r30, r31, r32, r33 = right
    return (
        l00 * r00,
        l10 * r00 + l11 * r10 + l12 * r20,
        l11 * r11 + l12 * r21,
        l11 * r12 + l12 * r22,
        l20 * r00 + l21 * r10 + l22 * r20,
        l21 * r11 + l22 * r21,
        l21 * r12 + l22 * r22,
        l30 * r00 + l31 * r10 + l32 * r20 + l33 * r30,
        l31 * r11 + l32 * r21 + l33 * r31,
        l31 * r12 + l32 * r22 + l33 * r32,
        l33 * r33,
    )


@inline
def cubic(order, base, base_2, base_3, top):
    """Four terms of the exponential's series from `order` on, the last one only if `top`."""
    constant, linear = INVERSE_FACTORIALS[order], INVERSE_FACTORIALS[order + 1]
    square = INVERSE_FACTORIALS[order + 2]
    cube = INVERSE_FACTORIALS[order + 3] if top else 0.0
    return (
        linear * base[0] + square * base_2[0] + cube * base_3[0] + constant,
        linear * base[1] + square * base_2[1] + cube * base_3[1],
        linear * base[2] + square * base_2[2] + cube * base_3[2] + constant,
        linear * base[3] + square * base_2[3] + cube * base_3[3],
        linear * base[4] + square * base_2[4] + cube * base_3[4],
        linear * base[5] + square * base_2[5] + cube * base_3[5],
        linear * base[6] + square * base_2[6] + cube * base_3[6] + constant,
        linear * base[7] + square * base_2[7] + cube * base_3[7],
        linear * base[8] + square * base_2[8] + cube * base_3[8],
        linear * base[9] + square * base_2[9] + cube * base_3[9],
        linear * base[10] + square * base_2[10] + cube * base_3[10] + constant,
    )


@inline
def add(left, right):
    return (
        left[0] + right[0],
        left[1] + right[1],
        left[2] + right[2],
        left[3] + right[3],
        left[4] + right[4],
        left[5] + right[5],
        left[6] + right[6],
        left[7] + right[7],
        left[8] + right[8],
        left[9] + right[9],
        left[10] + right[10],
    )


@inline
def hourly_step(parameters, subject):
    """Taylor's series of degree 12 by threes, the matrix scaled before it and squared after."""
    absorption, clearance, central, exchange, peripheral, clearance_m, central_m = parameters
    ka, cl, v1 = absorption[subject], clearance[subject], central[subject]
    q, v2 = exchange[subject], peripheral[subject]
    clm, vm = clearance_m[subject], central_m[subject]
    largest = max(2 * ka, ((1 + FRACTION) * cl + 2 * q) / v1, 2 * q / v2, clm / vm) * STEP_H
    scale, squarings = STEP_H, 0
    while largest > NORM:
        largest *= 0.5
        scale *= 0.5
        squarings += 1
    absorb, forth, back = ka * scale, q / v1 * scale, q / v2 * scale
    convert, leave, clear = FRACTION * cl / v1 * scale, cl / v1 * scale, clm / vm * scale
    base = (
        -absorb,
        absorb,
        -leave - forth,
        back,
        0.0,
        forth,
        -back,
        0.0,
        convert,
        0.0,
        -clear,
    )
    base_2 = product(base, base)
    base_3 = product(base_2, base)
    result = cubic(9, base, base_2, base_3, True)
    result = add(cubic(6, base, base_2, base_3, False), product(result, base_3))
    result = add(cubic(3, base, base_2, base_3, False), product(result, base_3))
    result = add(cubic(0, base, base_2, base_3, False), product(result, base_3))
    for _ in range(squarings):
        result = product(result, result)
    return result


@inline
def stepping(first, last, parameters, out):
    for subject in range(first, last):
        e00, e10, e11, e12, e20, e21, e22, e30, e31, e32, e33 = hourly_step(parameters, subject)
        per_volume, per_volume_m = 1 / parameters[2][subject], 1 / parameters[6][subject]
        depot = parent = peripheral = metabolite = 0.0
        for dose in range(DOSES):
            depot += DOSE_MG
            for read in range(dose * STEPS_PER_DOSE, (dose + 1) * STEPS_PER_DOSE):
                out[subject, 0, read] = parent * per_volume
                out[subject, 1, read] = metabolite * per_volume_m
                metabolite = e30 * depot + e31 * parent + e32 * peripheral + e33 * metabolite
                parent, peripheral = (
                    e10 * depot + e11 * parent + e12 * peripheral,
                    e20 * depot + e21 * parent + e22 * peripheral,
                )
                depot *= e00
        out[subject, 0, READS - 1] = parent * per_volume
        out[subject, 1, READS - 1] = metabolite * per_volume_m


@inline
def powers(first, last, parameters, out):
    rows = np.empty((7, STEPS_PER_DOSE))
    for subject in range(first, last):
        e00, e10, e11, e12, e20, e21, e22, e30, e31, e32, e33 = hourly_step(parameters, subject)
        per_volume, per_volume_m = 1 / parameters[2][subject], 1 / parameters[6][subject]
        d00 = 1.0  # the power's rows of depot, parent, peripheral, metabolite
        p0, p1, p2 = 0.0, 1.0, 0.0
        h0, h1, h2 = 0.0, 0.0, 1.0
        m0, m1, m2, m3 = 0.0, 0.0, 0.0, 1.0
        for read in range(STEPS_PER_DOSE):
            rows[0, read] = p0 * per_volume
            rows[1, read] = p1 * per_volume
            rows[2, read] = p2 * per_volume
            rows[3, read] = m0 * per_volume_m
            rows[4, read] = m1 * per_volume_m
            rows[5, read] = m2 * per_volume_m
            rows[6, read] = m3 * per_volume_m
            d00 *= e00
            p0, p1, p2 = p0 * e00 + p1 * e10 + p2 * e20, p1 * e11 + p2 * e21, p1 * e12 + p2 * e22
            h0, h1, h2 = h0 * e00 + h1 * e10 + h2 * e20, h1 * e11 + h2 * e21, h1 * e12 + h2 * e22
            m0, m1, m2, m3 = (
                m0 * e00 + m1 * e10 + m2 * e20 + m3 * e30,
                m1 * e11 + m2 * e21 + m3 * e31,
                m1 * e12 + m2 * e22 + m3 * e32,
                m3 * e33,
            )
        depot = parent = peripheral = metabolite = 0.0
        for dose in range(DOSES):
            depot += DOSE_MG
            start = dose * STEPS_PER_DOSE
            for read in range(STEPS_PER_DOSE):
                out[subject, 0, start + read] = (
                    rows[0, read] * depot + rows[1, read] * parent + rows[2, read] * peripheral
                )
                out[subject, 1, start + read] = (
                    rows[3, read] * depot
                    + rows[4, read] * parent
                    + rows[5, read] * peripheral
                    + rows[6, read] * metabolite
                )
            metabolite = m0 * depot + m1 * parent + m2 * peripheral + m3 * metabolite
            parent, peripheral = (
                p0 * depot + p1 * parent + p2 * peripheral,
                h0 * depot + h1 * parent + h2 * peripheral,
            )
            depot *= d00
        out[subject, 0, READS - 1] = parent * per_volume
        out[subject, 1, READS - 1] = metabolite * per_volume_m


def compile_kernels(rows: Callable) -> tuple[Callable, Callable]:
    """For one thread and for as many as numba is set to."""

    @numba.njit(fastmath=FUSED)
    def one_thread(parameters, out):
        rows(0, len(out), parameters, out)

    @numba.njit(fastmath=FUSED, parallel=True)
    def all_threads(parameters, out):
        chunks = numba.get_num_threads() * CHUNKS_PER_THREAD
        for chunk in numba.prange(chunks):
            first, last = len(out) * chunk // chunks, len(out) * (chunk + 1) // chunks
            rows(first, last, parameters, out)

    return one_thread, all_threads


KERNELS = {"stepping": compile_kernels(stepping), "powers": compile_kernels(powers)}


def prepare(
    problem: Problem, threads: int, *, kernel: str, reuse: bool
) -> Callable[[], np.ndarray]:
    one_thread, all_threads = KERNELS[kernel]
    solve = one_thread if threads == 1 else all_threads
    kept = np.empty(problem.shape) if reuse else None

    def call() -> np.ndarray:
        out = np.empty(problem.shape) if kept is None else kept
        numba.set_num_threads(threads)
        solve(problem.parameters, out)
        return out

    return call


def contender(kernel: str, output: str, note: str) -> Contender:
    return Contender(
        name=f"numba, {kernel}",
        prepare=lambda problem, threads: prepare(
            problem, threads, kernel=kernel, reuse=output == "reused"
        ),
        packages=("numba", "numpy"),
        size=10_000,
        output=output,
        note=note,
    )


STEPPING = "own matrix exponential, 672 products per subject"
POWERS = "own matrix exponential, its 24 powers shared by the dose intervals; fastest numba found"
CONTENDERS = (
    contender("powers", "new", POWERS),
    contender("stepping", "new", STEPPING),
    contender("powers", "reused", POWERS),
    contender("stepping", "reused", STEPPING),
)
