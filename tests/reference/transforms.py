"""From random words to numbers, and the two functions that this needs.

Plain floats in the same order of operations as the Rust core, so the bits
agree. Only sums, products, quotients and square roots are used, which IEEE 754
rounds alike everywhere; ``math.log`` and ``math.exp`` would not do.
"""

from __future__ import annotations

import math

LN_2_HIGH = 0.6931471805598903  # 42 bits: products with an exponent are exact
LN_2_LOW = 5.497923018708371e-14
SQRT_HALF = 0.7071067811865476
LOG2_E = 1.4426950408889634

# Minimax fits, constant term first; see the Rust file for the intervals.
LN = (
    0.6666666666666666,
    0.4000000000000624,
    0.2857142856908735,
    0.22222222646571674,
    0.1818177568379092,
    0.15387089948006563,
    0.13250136591636966,
    0.1325115956259284,
)
EXP = (
    0.1666666666666668,
    0.041666666666666415,
    0.008333333333318543,
    0.0013888888889033114,
    0.00019841269893306696,
    2.480158702583947e-05,
    2.7557237489075097e-06,
    2.7557525956094846e-07,
    2.511123435573867e-08,
    2.0838535564242336e-09,
)


def polynomial(coefficients: tuple[float, ...], x: float) -> float:
    """Return a polynomial by Horner's rule, constant term first."""
    total = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        total = total * x + coefficient
    return total


def ln(x: float) -> float:
    """Return the natural logarithm."""
    if math.isnan(x) or x < 0.0:
        return math.nan
    if x == 0.0:
        return -math.inf
    if x == math.inf:
        return x
    mantissa, exponent = math.frexp(x)
    if mantissa < SQRT_HALF:
        mantissa, exponent = 2.0 * mantissa, exponent - 1

    f = mantissa - 1.0
    s = f / (2.0 + f)
    z = s * s
    series = z * (polynomial(LN[0::2], z * z) + z * polynomial(LN[1::2], z * z))

    f_head = (f + 1.5 * 2.0**26) - 1.5 * 2.0**26
    square = 0.5 * f_head * f_head  # exact
    square_rest = 0.5 * (f - f_head) * (f + f_head)

    shift = exponent * LN_2_HIGH  # exact
    total = shift + f
    total_lost = f - (total - shift)
    head = total - square
    head_lost = (total - head) - square

    rest = (total_lost + head_lost) + (exponent * LN_2_LOW - square_rest)
    return head + (s * ((square + square_rest) + series) + rest)


def exp(x: float) -> float:
    """Return the exponential."""
    if math.isnan(x):
        return math.nan
    capped = max(-746.0, min(x, 710.0))

    exponent = round(capped * LOG2_E)
    r_head = capped - exponent * LN_2_HIGH  # exact
    r_rest = exponent * LN_2_LOW
    r = r_head - r_rest

    z = r * r
    tail = z * (0.5 + r * (polynomial(EXP[0::2], z) + r * polynomial(EXP[1::2], z)))

    total = 1.0 + r_head
    total_lost = r_head - (total - 1.0)
    mantissa = total + (total_lost + (tail - r_rest))

    first = exponent // 2
    return mantissa * math.ldexp(1.0, first) * math.ldexp(1.0, exponent - first)


def ln_1p(x: float) -> float:
    """Return ln(1 + x)."""
    more = 1.0 + x
    if more == 1.0:
        return x
    return more if more == math.inf else ln(more) * (x / (more - 1.0))


def exp_m1(x: float) -> float:
    """Return exp(x) - 1."""
    power = exp(x)
    less = power - 1.0
    if less == 0.0:
        return x
    return less if less == -1.0 or power == math.inf else less * (x / ln(power))


def uniform(word: int) -> float:
    """Return the middle of one of 2^52 equal cells of (0, 1); the top 52 bits choose it."""
    return ((word >> 12) + 0.5) * 2.0**-52


def exponential(share: float) -> float:
    """Return the waiting time of rate one that a share of 1 - ``share`` does not exceed."""
    return -ln(share)


# Wichura (1988), algorithm AS241, doi:10.2307/2347330: numerator and
# denominator, constant term first, for the centre and two parts of the tail.
CENTRE = (
    (
        3.3871328727963666080e0,
        1.3314166789178437745e2,
        1.9715909503065514427e3,
        1.3731693765509461125e4,
        4.5921953931549871457e4,
        6.7265770927008700853e4,
        3.3430575583588128105e4,
        2.5090809287301226727e3,
    ),
    (
        1.0,
        4.2313330701600911252e1,
        6.8718700749205790830e2,
        5.3941960214247511077e3,
        2.1213794301586595867e4,
        3.9307895800092710610e4,
        2.8729085735721942674e4,
        5.2264952788528545610e3,
    ),
)
NEAR_TAIL = (
    (
        1.42343711074968357734e0,
        4.63033784615654529590e0,
        5.76949722146069140550e0,
        3.64784832476320460504e0,
        1.27045825245236838258e0,
        2.41780725177450611770e-1,
        2.27238449892691845833e-2,
        7.74545014278341407640e-4,
    ),
    (
        1.0,
        2.05319162663775882187e0,
        1.67638483018380384940e0,
        6.89767334985100004550e-1,
        1.48103976427480074590e-1,
        1.51986665636164571966e-2,
        5.47593808499534494600e-4,
        1.05075007164441684324e-9,
    ),
)
FAR_TAIL = (
    (
        6.65790464350110377720e0,
        5.46378491116411436990e0,
        1.78482653991729133580e0,
        2.96560571828504891230e-1,
        2.65321895265761230930e-2,
        1.24266094738807843860e-3,
        2.71155556874348757815e-5,
        2.01033439929228813265e-7,
    ),
    (
        1.0,
        5.99832206555887937690e-1,
        1.36929880922735805310e-1,
        1.48753612908506148525e-2,
        7.86869131145613259100e-4,
        1.84631831751005468180e-5,
        1.42151175831644588870e-7,
        2.04426310338993978564e-15,
    ),
)


def normal(share: float) -> float:
    """Return the standard normal number below which a share in (0, 1) lies."""
    from_centre = share - 0.5
    if abs(from_centre) <= 0.425:
        above, below = CENTRE
        argument = 0.180625 - from_centre * from_centre
        return from_centre * (polynomial(above, argument) / polynomial(below, argument))
    depth = math.sqrt(-ln(min(share, 1.0 - share)))
    (above, below), origin = (NEAR_TAIL, 1.6) if depth <= 5.0 else (FAR_TAIL, 5.0)
    size = polynomial(above, depth - origin) / polynomial(below, depth - origin)
    return math.copysign(size, from_centre)
