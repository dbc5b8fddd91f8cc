"""Random numbers: Rust equals the pure-Python reference bit for bit, both equal the papers."""

from __future__ import annotations

import hashlib
import math

import mpmath
import numpy as np
import pytest

from tests.reference import philox, transforms
from vmatcore import _core
from vmatcore.errors import ParameterError

# The published known answers of Random123 for philox4x32-10: counter, key and
# block as 32-bit words, lowest first.
KNOWN = {
    "zeros": ((0,) * 4, (0,) * 2, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    "ones": (
        (0xFFFFFFFF,) * 4,
        (0xFFFFFFFF,) * 2,
        (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
    ),
    "pi": (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
}
SEED = 20_240_229
WORDS = philox.Stream(SEED, philox.STAGES["test"], 0)
LARGEST = 2**64 - 1


def joined(words):
    """Return 32-bit words, lowest first, as one integer."""
    return sum(word << 32 * place for place, word in enumerate(words))


def bits(values):
    return np.asarray(values, float).view(np.uint64)


def assert_same_bits(got, want):
    np.testing.assert_array_equal(bits(got), bits(want))


def addresses(count):
    """Yield addresses of every size of field, the extremes included."""
    for seed in (0, 1, LARGEST):
        for stage in (0, 7, 2**16 - 1):
            for replicate in (0, 1, LARGEST):
                for draw in (0, 1, 2**48 - 1):
                    yield philox.Address(seed, stage, replicate, draw)
    for _ in range(count):
        a, b, c, d = (WORDS.word() for _ in range(4))
        yield philox.Address(a >> (d & 63), b >> 48, c >> (d >> 6 & 63), d >> 16 >> (a & 31))


def positive_numbers(count):
    """Return positive floats of every exponent, subnormal to largest, and near one."""
    any_bits = [WORDS.word() % 0x7FF0_0000_0000_0000 for _ in range(count)]
    subnormal = [WORDS.word() >> 12 + WORDS.word() % 52 for _ in range(count // 10)]
    wide = np.array(any_bits + subnormal, np.uint64).view(float)
    near_one = [1 + (WORDS.uniform() - 0.5) * 2.0 ** -(WORDS.word() % 53) for _ in range(count)]
    edges = [5e-324, 2.2250738585072014e-308, 2.225073858507201e-308, 1.7976931348623157e308]
    for centre in (1.0, 0.5, 2.0, transforms.SQRT_HALF, 2 * transforms.SQRT_HALF, math.e):
        edges += [np.nextafter(centre, 0), centre, np.nextafter(centre, 3)]
    uniforms = [WORDS.uniform() for _ in range(count)]
    values = np.concatenate([wide, near_one, edges, uniforms])
    return values[values > 0]


def exponents(count):
    """Return floats over the range of exp, the limits of the range included."""
    spread = [(WORDS.uniform() - 0.5) * 1_500 for _ in range(count)]
    small = [(WORDS.uniform() - 0.5) * 2.0 ** -(WORDS.word() % 60) for _ in range(count)]
    subnormal = [-708 - 38 * WORDS.uniform() for _ in range(count // 4)]
    edges = [0.0, -0.0, 1.0, -1.0, 5e-324, -5e-324, 1e300, -1e300]
    for centre in (709.782712893384, -708.3964185322641, -745.1332191019411, 710.0, -746.0):
        edges += [np.nextafter(centre, -1e3), centre, np.nextafter(centre, 1e3)]
    halves = [(k + 0.5) * math.log(2) for k in range(-1075, 1024, 7)]  # ties of the reduction
    return np.array(spread + small + subnormal + edges + halves)


def units_in_the_last_place(got, exact):
    """Return |got - exact| in units of the last place of the exact value."""
    if exact == 0:
        return 0.0 if got == 0 else math.inf
    _, exponent = mpmath.frexp(abs(exact))
    return float(abs(got - exact) / mpmath.ldexp(1, max(exponent - 53, -1074)))


@pytest.mark.parametrize("name", KNOWN)
def test_the_known_answers_of_random123_come_out_of_rust_and_python(name):
    counter, key, want = KNOWN[name]
    assert philox.block(joined(counter), joined(key)) == joined(want)
    address = philox.Address.from_key_and_counter(joined(key), joined(counter))
    assert _core.philox_block(*address) == want


def test_the_address_map_is_one_to_one_onto_key_and_counter():
    for address in addresses(2_000):
        assert 0 <= address.key < 2**64
        assert 0 <= address.counter < 2**128
        assert philox.Address.from_key_and_counter(address.key, address.counter) == address
    for _ in range(2_000):
        key, counter = WORDS.word(), WORDS.word() << 64 | WORDS.word()
        address = philox.Address.from_key_and_counter(key, counter)
        assert (address.key, address.counter) == (key, counter)
        sizes = (2**64, 2**16, 2**64, 2**48)
        assert all(0 <= part < size for part, size in zip(address, sizes, strict=True))


def test_rust_blocks_equal_the_reference():
    for address in addresses(3_000):
        assert joined(_core.philox_block(*address)) == address.block(), address


@pytest.mark.parametrize("kind", ["uniform", "exponential", "normal"])
@pytest.mark.parametrize(("stage", "replicate"), [(0, 0), (2, 5), (7, LARGEST)])
def test_rust_draws_equal_the_reference_bit_for_bit(kind, stage, replicate):
    stream = philox.Stream(SEED, stage, replicate)
    want = [getattr(stream, kind)() for _ in range(2_001)]
    assert_same_bits(_core.random_draws(kind, SEED, stage, replicate, 2_001), want)


def test_rust_ln_equals_the_reference_bit_for_bit():
    values = np.concatenate([positive_numbers(2_000), [0.0, -0.0, math.inf]])
    assert_same_bits(_core.math_ln(values), [transforms.ln(x) for x in values.tolist()])


def test_rust_exp_equals_the_reference_bit_for_bit():
    values = np.concatenate([exponents(2_000), [math.inf, -math.inf]])
    assert_same_bits(_core.math_exp(values), [transforms.exp(x) for x in values.tolist()])


def test_ln_has_no_value_below_zero_and_exp_none_for_nan():
    bad = np.array([-5e-324, -1.0, -math.inf, math.nan])
    assert np.isnan(_core.math_ln(bad)).all()
    assert np.isnan([transforms.ln(x) for x in bad.tolist()]).all()
    assert np.isnan(_core.math_exp(bad[-1:])).all()
    assert math.isnan(transforms.exp(math.nan))


def test_ln_at_the_ends_of_its_domain():
    got = _core.math_ln(np.array([0.0, -0.0, 1.0, math.inf]))
    np.testing.assert_array_equal(got, [-math.inf, -math.inf, 0.0, math.inf])


def test_exp_overflows_and_underflows_where_it_should():
    largest, smallest = 709.782712893384, -745.1332191019411
    values = np.array(
        [largest, np.nextafter(largest, 800), smallest, np.nextafter(smallest, -800), math.inf]
    )
    got = _core.math_exp(values)
    assert 1.79769e308 < got[0] < math.inf
    np.testing.assert_array_equal(got[1:], [math.inf, 5e-324, 0.0, math.inf])
    assert _core.math_exp(np.array([-math.inf]))[0] == 0.0


@pytest.mark.parametrize(
    ("rust", "exact", "values"),
    [
        (_core.math_ln, mpmath.log, positive_numbers(1_500)),
        (_core.math_exp, mpmath.exp, exponents(2_500)),
    ],
    ids=["ln", "exp"],
)
def test_ln_and_exp_are_within_four_fifths_of_a_unit_in_the_last_place(rust, exact, values):
    if exact is mpmath.exp:
        values = values[values < 709.78]
    with mpmath.workdps(50):
        errors = [
            units_in_the_last_place(mpmath.mpf(y), exact(mpmath.mpf(x)))
            for x, y in zip(values.tolist(), rust(values).tolist(), strict=True)
        ]
    assert max(errors) < 0.8


def test_normals_are_within_a_few_units_of_the_inverse_error_function():
    uniforms = _core.random_draws("uniform", SEED, 0, 3, 2_000)
    normals = _core.random_draws("normal", SEED, 0, 3, 2_000)
    tails = [2.0 ** -(1 + k / 8) for k in range(8, 416)]  # down to 2^-53, off the cells
    uniforms = np.concatenate([uniforms, tails])
    normals = np.concatenate([normals, [transforms.normal(x) for x in tails]])
    with mpmath.workdps(50):
        errors = []
        for x, y in zip(uniforms.tolist(), normals.tolist(), strict=True):
            exact = quantile(mpmath.mpf(x), y)
            errors.append(units_in_the_last_place(mpmath.mpf(y), exact))
    assert max(errors) < 8


def quantile(share, start):
    """Return the exact normal quantile: Newton's method from a good start."""
    x = mpmath.mpf(start)
    for _ in range(2):
        x -= (mpmath.ncdf(x) - share) / mpmath.npdf(x)
    return x


def test_uniforms_at_both_ends_are_half_a_cell_inside():
    assert transforms.uniform(0) == 2.0**-53 > 0
    assert transforms.uniform(LARGEST) == 1 - 2.0**-53 < 1
    values = _core.random_draws("uniform", SEED, 0, 1, 1_000_000)
    assert 0 < values.min() <= values.max() < 1


@pytest.mark.parametrize("kind", ["uniform", "exponential", "normal"])
def test_asking_for_more_numbers_keeps_the_earlier_ones(kind):
    long = _core.random_draws(kind, SEED, 3, 9, 1_000)
    for count in (0, 1, 2, 3, 998, 999):
        assert_same_bits(_core.random_draws(kind, SEED, 3, 9, count), long[:count])


def test_a_stream_can_be_entered_at_any_draw_two_numbers_each():
    whole = _core.random_draws("uniform", SEED, 3, 9, 100)
    for draw in (0, 1, 17, 49):
        assert_same_bits(_core.random_draws("uniform", SEED, 3, 9, 2, draw), whole[2 * draw :][:2])


def test_a_draw_beyond_48_bits_is_refused():
    with pytest.raises(ParameterError, match=r"`draw` must be below 2\^48, got 281474976710656"):
        _core.philox_block(0, 0, 0, 2**48)
    with pytest.raises(ParameterError, match="`draw`"):
        _core.random_draws("uniform", 0, 0, 0, 1, 2**48)


def test_an_unknown_stage_or_kind_is_refused():
    with pytest.raises(ParameterError, match="`stage` must be the number of a stage, got 8"):
        _core.random_draws("uniform", 0, 8, 0, 1)
    with pytest.raises(ParameterError, match=r'`kind` must be "uniform", .* got "gamma"'):
        _core.random_draws("gamma", 0, 0, 0, 1)


def test_stage_numbers_are_those_of_stream_version_one():
    assert _core.STREAM_VERSION == 1
    assert dict(_core.random_stages()) == philox.STAGES


@pytest.mark.parametrize(
    ("kind", "want"),
    [
        ("uniform", "c996b27bf9f96eaa"),
        ("exponential", "189e6e8884e31872"),
        ("normal", "a9f616d7ce5f6fcb"),
    ],
)
def test_stream_version_one_has_not_changed_a_bit(kind, want):
    # A new hash here means a new STREAM_VERSION.
    values = _core.random_draws(kind, SEED, 0, 0, 10_000).astype("<f8")
    assert hashlib.sha256(values.tobytes()).hexdigest()[:16] == want
