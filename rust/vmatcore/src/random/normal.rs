//! Standard normal numbers: the inverse of the normal distribution function.
//!
//! Wichura (1988), algorithm AS241, Applied Statistics 37, 477-484,
//! doi:10.2307/2347330: three rational approximations good to about 1 part in
//! 10^16. One uniform gives one normal number, so draws stay addressed; and the
//! map is increasing (up to rounding), so quantiles of the two correspond.

use crate::math::ln;

/// Half width of the centre, where the argument is a polynomial in p - 1/2.
const CENTRE: f64 = 0.425;
/// `CENTRE` squared.
const CENTRE_SQUARED: f64 = 0.180_625;
/// sqrt(-ln p) at which the tail is split in two.
const FAR: f64 = 5.0;
/// Origin of the nearer tail.
const NEAR_ORIGIN: f64 = 1.6;

/// Numerator and denominator of a rational function, constant term first.
type Rational = [[f64; 8]; 2];

#[allow(clippy::excessive_precision)] // the digits are those of the paper
const CENTRE_RATIO: Rational = [
    [
        3.387_132_872_796_366_608_0,
        133.141_667_891_784_377_45,
        1_971.590_950_306_551_442_7,
        13_731.693_765_509_461_125,
        45_921.953_931_549_871_457,
        67_265.770_927_008_700_853,
        33_430.575_583_588_128_105,
        2_509.080_928_730_122_672_7,
    ],
    [
        1.0,
        42.313_330_701_600_911_252,
        687.187_007_492_057_908_30,
        5_394.196_021_424_751_107_7,
        21_213.794_301_586_595_867,
        39_307.895_800_092_710_610,
        28_729.085_735_721_942_674,
        5_226.495_278_852_854_561_0,
    ],
];

#[allow(clippy::excessive_precision)] // the digits are those of the paper
const NEAR_RATIO: Rational = [
    [
        1.423_437_110_749_683_577_34,
        4.630_337_846_156_545_295_90,
        5.769_497_221_460_691_405_50,
        3.647_848_324_763_204_605_04,
        1.270_458_252_452_368_382_58,
        0.241_780_725_177_450_611_770,
        0.022_723_844_989_269_184_583_3,
        7.745_450_142_783_414_076_40e-4,
    ],
    [
        1.0,
        2.053_191_626_637_758_821_87,
        1.676_384_830_183_803_849_40,
        0.689_767_334_985_100_004_550,
        0.148_103_976_427_480_074_590,
        0.015_198_666_563_616_457_196_6,
        5.475_938_084_995_344_946_00e-4,
        1.050_750_071_644_416_843_24e-9,
    ],
];

#[allow(clippy::excessive_precision)] // the digits are those of the paper
const FAR_RATIO: Rational = [
    [
        6.657_904_643_501_103_777_20,
        5.463_784_911_164_114_369_90,
        1.784_826_539_917_291_335_80,
        0.296_560_571_828_504_891_230,
        0.026_532_189_526_576_123_093_0,
        1.242_660_947_388_078_438_60e-3,
        2.711_555_568_743_487_578_15e-5,
        2.010_334_399_292_288_132_65e-7,
    ],
    [
        1.0,
        0.599_832_206_555_887_937_690,
        0.136_929_880_922_735_805_310,
        0.014_875_361_290_850_614_852_5,
        7.868_691_311_456_132_591_00e-4,
        1.846_318_317_510_054_681_80e-5,
        1.421_511_758_316_445_888_70e-7,
        2.044_263_103_389_939_785_64e-15,
    ],
];

/// The standard normal number below which a share `uniform` in (0, 1) lies.
#[inline]
#[must_use]
pub fn normal(uniform: f64) -> f64 {
    let from_centre = uniform - 0.5;
    if from_centre.abs() <= CENTRE {
        let argument = CENTRE_SQUARED - from_centre * from_centre;
        return from_centre * ratio(&CENTRE_RATIO, argument);
    }
    // 1 - u is exact for our uniforms, so both tails are equally good.
    let tail = if from_centre < 0.0 { uniform } else { 1.0 - uniform };
    let depth = (-ln(tail)).sqrt();
    let size = if depth <= FAR {
        ratio(&NEAR_RATIO, depth - NEAR_ORIGIN)
    } else {
        ratio(&FAR_RATIO, depth - FAR)
    };
    if from_centre < 0.0 { -size } else { size }
}

#[inline(always)]
fn ratio([above, below]: &Rational, x: f64) -> f64 {
    horner(above, x) / horner(below, x)
}

#[inline(always)]
fn horner(coefficients: &[f64; 8], x: f64) -> f64 {
    let [a, b, c, d, e, f, g, h] = *coefficients;
    ((((((h * x + g) * x + f) * x + e) * x + d) * x + c) * x + b) * x + a
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::uniform::uniform;
    use proptest::prelude::*;

    #[test]
    fn the_constants_add_up_to_the_hash_sums_of_the_paper() {
        // Sums of the mantissas (the first digit before the point) over each pair.
        let hash = |pair: &Rational| {
            let mantissa = |x: &f64| -> f64 {
                let text = format!("{x:.17e}");
                text.split('e').next().unwrap().parse().unwrap()
            };
            let all: f64 = pair.iter().flatten().map(mantissa).sum();
            all - 1.0 // the leading 1 of the denominator is not in the table
        };
        for (pair, want) in [
            (&CENTRE_RATIO, 55.883_192_880_614_9),
            (&NEAR_RATIO, 49.332_065_033_016_1),
            (&FAR_RATIO, 47.525_833_175_492_9),
        ] {
            assert!((hash(pair) - want).abs() < 1e-13, "{} {want}", hash(pair));
        }
    }

    #[test]
    fn known_quantiles_come_out() {
        for (share, want) in [
            (0.5, 0.0),
            (0.975, 1.959_963_984_540_054),
            (0.001, -3.090_232_306_167_813_5),
            (1e-10, -6.361_340_902_404_056),
        ] {
            let got = normal(share);
            assert!((got - want).abs() <= 1e-15 * want.abs(), "{share}: {got} {want}");
        }
        assert!((normal(uniform(0)) + 8.209_536_151_601_387).abs() < 1e-13);
    }

    proptest! {
        #[test]
        fn mirrored_words_give_mirrored_numbers(word: u64) {
            let value = normal(uniform(word));
            prop_assert_eq!(normal(uniform(!word)), -value);
            prop_assert!(value.abs() < 8.21);
        }

        #[test]
        fn a_larger_word_gives_a_larger_number_up_to_rounding(word: u64, other: u64) {
            let (small, large) = (word.min(other), word.max(other));
            prop_assert!(normal(uniform(small)) <= normal(uniform(large)) + 1e-14);
        }
    }
}
