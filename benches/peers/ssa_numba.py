"""Event by event with numba: one vesicle after another, and 64 of them in lockstep.

The second is written the way LLVM vectorises it: own xoshiro256++ in arrays, the logarithm as
a polynomial on the bits, the choice and the wait from one uniform number, lanes filled again
as soon as their vesicle is done. It is the algorithm of vmatcore, found there first, and may
fuse products and sums, which vmatcore may not.
"""

from collections.abc import Callable

import numba
import numpy as np

from .contest import Contender
from .filling_problem import END_S, Problem

FAST = {"contract", "arcp"}
"""Products and sums may be fused, divisions become products; sums must keep their order."""
LANES = 64
CHUNK = 512


@numba.njit
def mixed(state):
    """SplitMix64."""
    state = np.uint64(state + np.uint64(0x9E3779B97F4A7C15))
    z = state
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state, z ^ (z >> np.uint64(31))


@numba.njit(fastmath=FAST, error_model="numpy")
def fill_plain(seed, birth, death, per_molecule, out):
    state = np.uint64(seed)
    state, a = mixed(state)
    state, b = mixed(state)
    state, c = mixed(state)
    state, d = mixed(state)
    for vesicle in range(out.size):
        time_s, molecules = 0.0, 0.0
        while True:
            entering = birth - per_molecule * molecules
            total = entering + death * molecules
            word = a + d
            word = ((word << np.uint64(23)) | (word >> np.uint64(41))) + a
            shifted = b << np.uint64(17)
            c ^= a
            d ^= b
            b ^= c
            a ^= d
            c ^= shifted
            d = (d << np.uint64(45)) | (d >> np.uint64(19))
            point = (float(word >> np.uint64(11)) + 0.5) * 2.0**-53 * total
            if point < entering:
                time_s -= np.log(point / entering) / total
                change = 1.0
            else:
                time_s -= np.log((point - entering) / (total - entering)) / total
                change = -1.0
            if not time_s <= END_S:
                break
            molecules += change
        out[vesicle] = molecules


@numba.njit(parallel=True)
def plain(seed, birth, death, per_molecule, out):
    chunks = (out.size + CHUNK - 1) // CHUNK
    for chunk in numba.prange(chunks):
        part = out[chunk * CHUNK : (chunk + 1) * CHUNK]
        fill_plain(seed * 1_000_003 + chunk, birth, death, per_molecule, part)


@numba.njit(fastmath=FAST, error_model="numpy")
def fill_lanes(seed, birth, death, per_molecule, out):
    s0, s1 = np.empty(LANES, np.uint64), np.empty(LANES, np.uint64)
    s2, s3 = np.empty(LANES, np.uint64), np.empty(LANES, np.uint64)
    state = np.uint64(seed)
    for lane in range(LANES):
        state, s0[lane] = mixed(state)
        state, s1[lane] = mixed(state)
        state, s2[lane] = mixed(state)
        state, s3[lane] = mixed(state)
    bits = np.empty(LANES, np.uint64)
    uniform = bits.view(np.float64)
    again = np.empty(LANES)
    again_bits = again.view(np.uint64)
    mantissa_bits = np.empty(LANES, np.uint64)
    mantissa = mantissa_bits.view(np.float64)
    exponent_bits = np.empty(LANES, np.uint64)
    exponent = exponent_bits.view(np.float64)
    time_s, molecules = np.zeros(LANES), np.zeros(LANES)
    total, change, after = np.empty(LANES), np.empty(LANES), np.empty(LANES)
    vesicle = np.arange(LANES)
    started = min(LANES, out.size)
    done = 0
    while done < out.size:
        for lane in range(LANES):
            a, b, c, d = s0[lane], s1[lane], s2[lane], s3[lane]
            word = a + d
            word = ((word << np.uint64(23)) | (word >> np.uint64(41))) + a
            shifted = b << np.uint64(17)
            c ^= a
            d ^= b
            s1[lane] = b ^ c
            s0[lane] = a ^ d
            s2[lane] = c ^ shifted
            s3[lane] = (d << np.uint64(45)) | (d >> np.uint64(19))
            bits[lane] = (word >> np.uint64(12)) | np.uint64(0x3FF0000000000000)
        for lane in range(LANES):
            entering = birth - per_molecule * molecules[lane]
            leaving = death * molecules[lane]
            total[lane] = entering + leaving
            point = (2.0 - uniform[lane]) * total[lane]
            enters = point < entering
            change[lane] = 1.0 if enters else -1.0
            left = point if enters else point - entering
            chosen = entering if enters else leaving
            again[lane] = max(left / chosen, 1e-300)
        for lane in range(LANES):
            apart = again_bits[lane] - np.uint64(0x3FE6A09E667F3BCD)
            whole = (apart + np.uint64(1024 << 52)) & np.uint64(0xFFF0000000000000)
            mantissa_bits[lane] = again_bits[lane] - whole + np.uint64(1024 << 52)
            exponent_bits[lane] = (whole >> np.uint64(52)) | np.uint64(0x4330000000000000)
        crossed = 0
        for lane in range(LANES):
            f = mantissa[lane] - 1.0
            s = f / (2.0 + f)
            z = s * s
            series = 0.15 * z + 0.18183571
            series = series * z + 0.22222198
            series = series * z + 0.28571428
            series = series * z + 0.4
            series = series * z + 0.66666666666667
            log = (exponent[lane] - 4503599627371520.0) * 0.6931471805599453
            log += s * (2.0 + z * series)
            after[lane] = time_s[lane] - log / total[lane]
            crossed += after[lane] > END_S
        if crossed == 0:
            for lane in range(LANES):
                time_s[lane] = after[lane]
                molecules[lane] += change[lane]
        else:
            for lane in range(LANES):
                if after[lane] > END_S:
                    if vesicle[lane] < out.size:
                        out[vesicle[lane]] = molecules[lane]
                        done += 1
                    vesicle[lane] = started
                    started += 1
                    time_s[lane] = 0.0
                    molecules[lane] = 0.0
                else:
                    time_s[lane] = after[lane]
                    molecules[lane] += change[lane]


@numba.njit(parallel=True)
def lanes(seed, birth, death, per_molecule, out):
    chunk_size = 1024
    chunks = (out.size + chunk_size - 1) // chunk_size
    for chunk in numba.prange(chunks):
        part = out[chunk * chunk_size : (chunk + 1) * chunk_size]
        fill_lanes(seed * 1_000_003 + chunk, birth, death, per_molecule, part)


def preparation(kernel) -> Callable[[Problem, int], Callable[[], np.ndarray]]:
    def prepare(problem: Problem, threads: int) -> Callable[[], np.ndarray]:
        numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
        birth = problem.birth_per_s
        per_molecule = 0.0 if problem.capacity is None else birth / problem.capacity

        def call() -> np.ndarray:
            numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
            out = np.empty(problem.vesicles, np.uint32)
            kernel(next(problem.seeds), birth, problem.death_per_s, per_molecule, out)
            return out

        return call

    return prepare


CONTENDERS = (
    Contender(
        name="numba, plain",
        prepare=preparation(plain),
        packages=("numba", "numpy"),
        size=4_096,
        note="one vesicle after another, own xoshiro256++, one word an event",
    ),
    Contender(
        name="numba, 64 lanes",
        prepare=preparation(lanes),
        packages=("numba", "numpy"),
        size=16_384,
        note="64 vesicles in lockstep, own generator and logarithm, the algorithm of vmatcore",
    ),
)
