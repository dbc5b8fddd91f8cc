//! The solver on problems whose solutions are known, at tolerances from 1e-4 to 1e-10.
//!
//! References: Mazzia and Magherini, Test Set for IVP Solvers 2.4 (2008), for
//! Robertson's reaction, HIRES and van der Pol's oscillator with eps = 1e-6.

use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicU64};

use super::{March, Rows, System, Tolerance, check_times};
use crate::lanes::{Lane, Level, dispatch};
use crate::parallel::Work;

fn with_work<R>(body: impl FnOnce(&Work<'_>, &AtomicBool) -> R) -> R {
    let (cancel, done) = (AtomicBool::new(false), AtomicU64::new(0));
    let work = Work {
        threads: NonZeroUsize::new(1).unwrap(),
        level: Level::highest(),
        cancel: &cancel,
        done: &done,
    };
    body(&work, &cancel)
}

/// A system without parameters or drive, its rows started at multiples of `start`.
struct Same<'a, S, const N: usize> {
    system: PhantomData<S>,
    start: [f64; N],
    scale: [f64; N],
    kept: &'a mut Vec<(usize, usize, [f64; N])>,
}

impl<S: System<N, Moment = Lane, Own = ()>, const N: usize> System<N> for Same<'_, S, N> {
    type Moment = Lane;
    type Own = ();

    const PATTERN: [u32; N] = S::PATTERN;

    fn moment(&self, time: &Lane) -> Lane {
        *time
    }

    fn own(&self, _: usize) {}

    fn slopes((): &(), lane: usize, time: &Lane, state: &[f64; N]) -> [f64; N] {
        S::slopes(&(), lane, time, state)
    }

    fn jacobian(
        (): &(),
        lane: usize,
        t: &Lane,
        state: &[f64; N],
        by: &mut [[f64; N]; N],
        dt: &mut [f64; N],
    ) {
        S::jacobian(&(), lane, t, state, by, dt);
    }
}

impl<S: System<N, Moment = Lane, Own = ()>, const N: usize> Rows<N> for Same<'_, S, N> {
    fn load(&mut self, _lane: usize, row: usize) -> ([f64; N], [f64; N]) {
        let factor = 1.0 + 0.01 * row as f64;
        (self.start.map(|value| factor * value), self.scale)
    }

    fn enter(&mut self, _lane: usize, _row: usize, _knot: usize) {}

    fn keep(&mut self, _lane: usize, row: usize, read: usize, state: &[f64; N]) {
        self.kept.push((row, read, *state));
    }
}

struct Setting<'a> {
    rows: usize,
    knots: &'a [f64],
    reads: &'a [f64],
    tolerance: f64,
    level: Level,
}

fn solve<S: System<N, Moment = Lane, Own = ()>, const N: usize>(
    _: S,
    start: [f64; N],
    scale: [f64; N],
    setting: &Setting<'_>,
) -> Vec<(usize, usize, [f64; N])> {
    let mut kept = Vec::new();
    with_work(|work, _| {
        let march = March {
            rows: Same { system: PhantomData::<S>, start, scale, kept: &mut kept },
            count: setting.rows,
            knots: setting.knots,
            reads: setting.reads,
            tolerance: Tolerance { relative: setting.tolerance, floor: 1e-3 },
            work,
        };
        dispatch(setting.level, march).unwrap();
    });
    kept.sort_by_key(|&(row, read, _)| (row, read));
    kept
}

fn once<S: System<N, Moment = Lane, Own = ()>, const N: usize>(
    system: S,
    start: [f64; N],
    scale: [f64; N],
    until: f64,
    tolerance: f64,
) -> [f64; N] {
    let reads = [until];
    let setting =
        Setting { rows: 1, knots: &[0.0], reads: &reads, tolerance, level: Level::highest() };
    solve(system, start, scale, &setting)[0].2
}

struct Robertson;

impl System<3> for Robertson {
    type Moment = Lane;
    type Own = ();

    const PATTERN: [u32; 3] = [0b111, 0b111, 0b010];

    fn moment(&self, time: &Lane) -> Lane {
        *time
    }

    fn own(&self, _: usize) {}

    fn slopes((): &(), _: usize, _: &Lane, y: &[f64; 3]) -> [f64; 3] {
        let (slow, back, fast) = (0.04 * y[0], 1e4 * y[1] * y[2], 3e7 * y[1] * y[1]);
        [back - slow, slow - back - fast, fast]
    }

    fn jacobian(
        (): &(),
        _: usize,
        _: &Lane,
        y: &[f64; 3],
        by: &mut [[f64; 3]; 3],
        _: &mut [f64; 3],
    ) {
        let (by_1, by_2, fast) = (1e4 * y[2], 1e4 * y[1], 6e7 * y[1]);
        by[0] = [-0.04, by_1, by_2];
        by[1] = [0.04, -by_1 - fast, -by_2];
        by[2][1] = fast;
    }
}

struct Hires;

impl System<8> for Hires {
    type Moment = Lane;
    type Own = ();

    const PATTERN: [u32; 8] =
        [7, 3, 0b1_1100, 0b1110, 0b111_0000, 0b1111_1000, 0b1110_0000, 0b1110_0000];

    fn moment(&self, time: &Lane) -> Lane {
        *time
    }

    fn own(&self, _: usize) {}

    fn slopes((): &(), _: usize, _: &Lane, y: &[f64; 8]) -> [f64; 8] {
        let pair = 280.0 * y[5] * y[7];
        [
            -1.71 * y[0] + 0.43 * y[1] + 8.32 * y[2] + 0.0007,
            1.71 * y[0] - 8.75 * y[1],
            -10.03 * y[2] + 0.43 * y[3] + 0.035 * y[4],
            8.32 * y[1] + 1.71 * y[2] - 1.12 * y[3],
            -1.745 * y[4] + 0.43 * y[5] + 0.43 * y[6],
            -pair + 0.69 * y[3] + 1.71 * y[4] - 0.43 * y[5] + 0.69 * y[6],
            pair - 1.81 * y[6],
            1.81 * y[6] - pair,
        ]
    }

    fn jacobian(
        (): &(),
        _: usize,
        _: &Lane,
        y: &[f64; 8],
        by: &mut [[f64; 8]; 8],
        _: &mut [f64; 8],
    ) {
        let set = |row: &mut [f64; 8], entries: &[(usize, f64)]| {
            entries.iter().for_each(|&(j, value)| row[j] = value);
        };
        set(&mut by[0], &[(0, -1.71), (1, 0.43), (2, 8.32)]);
        set(&mut by[1], &[(0, 1.71), (1, -8.75)]);
        set(&mut by[2], &[(2, -10.03), (3, 0.43), (4, 0.035)]);
        set(&mut by[3], &[(1, 8.32), (2, 1.71), (3, -1.12)]);
        set(&mut by[4], &[(4, -1.745), (5, 0.43), (6, 0.43)]);
        set(&mut by[5], &[(3, 0.69), (4, 1.71), (6, 0.69)]);
        set(&mut by[6], &[(6, -1.81)]);
        set(&mut by[7], &[(6, 1.81)]);
        let (by_5, by_7) = (280.0 * y[7], 280.0 * y[5]);
        by[5][5] = -by_5 - 0.43;
        by[5][7] = -by_7;
        by[6][5] = by_5;
        by[6][7] = by_7;
        by[7][5] = -by_5;
        by[7][7] = -by_7;
    }
}

struct VanDerPol;

impl System<2> for VanDerPol {
    type Moment = Lane;
    type Own = ();

    const PATTERN: [u32; 2] = [0b10, 0b11];

    fn moment(&self, time: &Lane) -> Lane {
        *time
    }

    fn own(&self, _: usize) {}

    fn slopes((): &(), _: usize, _: &Lane, y: &[f64; 2]) -> [f64; 2] {
        [y[1], ((1.0 - y[0] * y[0]) * y[1] - y[0]) * 1e6]
    }

    fn jacobian(
        (): &(),
        _: usize,
        _: &Lane,
        y: &[f64; 2],
        by: &mut [[f64; 2]; 2],
        _: &mut [f64; 2],
    ) {
        by[0][1] = 1.0;
        by[1] = [(-2.0 * y[0] * y[1] - 1.0) * 1e6, (1.0 - y[0] * y[0]) * 1e6];
    }
}

/// y' = -1000 (y - g(t)) + g'(t), g = 1/(1 + t): stiff, driven, y = g.
struct Driven;

impl System<1> for Driven {
    type Moment = Lane;
    type Own = ();

    const PATTERN: [u32; 1] = [1];

    fn moment(&self, time: &Lane) -> Lane {
        *time
    }

    fn own(&self, _: usize) {}

    fn slopes((): &(), lane: usize, time: &Lane, y: &[f64; 1]) -> [f64; 1] {
        let goal = 1.0 / (1.0 + time[lane]);
        [-1000.0 * (y[0] - goal) - goal * goal]
    }

    fn jacobian(
        (): &(),
        lane: usize,
        time: &Lane,
        _: &[f64; 1],
        by: &mut [[f64; 1]; 1],
        dt: &mut [f64; 1],
    ) {
        let goal = 1.0 / (1.0 + time[lane]);
        by[0][0] = -1000.0;
        dt[0] = -1000.0 * goal * goal + 2.0 * goal * goal * goal;
    }
}

fn worst<const N: usize>(got: &[f64; N], want: &[f64; N]) -> f64 {
    got.iter().zip(want).map(|(got, want)| (got / want - 1.0).abs()).fold(0.0, f64::max)
}

const TOLERANCES: [f64; 7] = [1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10];

/// The error stays within five tolerances, and follows the tolerance down.
fn keeps(error_at: impl Fn(f64) -> f64) {
    let errors = TOLERANCES.map(|tolerance| {
        let error = error_at(tolerance);
        assert!(error < 5.0 * tolerance, "{error:e} at {tolerance:e}");
        error
    });
    assert!(errors[6] < 1e-4 * errors[0], "{errors:?}");
}

#[test]
fn robertsons_reaction_keeps_the_tolerance_to_the_end_of_time() {
    let want = [0.208_334_014_970_125_5e-7, 0.833_336_077_033_471_3e-13, 0.999_999_979_166_505];
    keeps(|tolerance| {
        worst(&once(Robertson, [1.0, 0.0, 0.0], [1.0, 1e-9, 1.0], 1e11, tolerance), &want)
    });
}

#[test]
fn hires_keeps_the_tolerance() {
    let want = [
        0.737_131_257_332_566_8e-3,
        0.144_248_572_631_618_5e-3,
        0.588_872_974_096_757_5e-4,
        0.117_565_134_328_314_9e-2,
        0.238_635_619_883_133_1e-2,
        0.623_896_825_274_279_6e-2,
        0.284_999_839_518_576_9e-2,
        0.285_000_160_481_423_1e-2,
    ];
    let start = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0057];
    keeps(|tolerance| worst(&once(Hires, start, [1e-3; 8], 321.8122, tolerance), &want));
}

#[test]
fn van_der_pols_oscillator_keeps_the_tolerance_through_its_jumps() {
    let want = [1.706_167_732_170_483, -0.892_809_701_024_797_5];
    keeps(|tolerance| worst(&once(VanDerPol, [2.0, 0.0], [2.0, 1.0], 2.0, tolerance), &want));
}

fn driven(tolerance: f64, knots: &[f64], level: Level) -> f64 {
    let reads: Vec<f64> = (0..=2000).map(|i| 0.005 * f64::from(i)).collect();
    let setting = Setting { rows: 1, knots, reads: &reads, tolerance, level };
    let error = |read: usize, value: f64| (value * (1.0 + reads[read]) - 1.0).abs();
    let kept = solve(Driven, [1.0], [1.0], &setting);
    assert_eq!(kept.len(), reads.len());
    kept.iter().map(|(_, read, state)| error(*read, state[0])).fold(0.0, f64::max)
}

#[test]
fn a_driven_system_is_right_between_its_steps_too() {
    keeps(|tolerance| driven(tolerance, &[0.0], Level::highest()));
}

#[test]
fn knots_cost_no_accuracy() {
    let knots: Vec<f64> = (0..20).map(|i| 0.37 * f64::from(i)).collect();
    assert!(driven(1e-8, &knots, Level::highest()) < 5e-8);
    assert!(driven(1e-8, &[0.0, 1.0, 1.0, 1.0, 2.0, 50.0], Level::highest()) < 5e-8);
}

fn many(rows: usize, level: Level) -> Vec<(usize, usize, [f64; 3])> {
    let setting = Setting {
        rows,
        knots: &[0.0, 7.0],
        reads: &[0.0, 0.3, 0.31, 7.0, 40.0],
        tolerance: 1e-7,
        level,
    };
    solve(Robertson, [1.0, 0.0, 0.0], [1.0, 1e-9, 1.0], &setting)
}

#[test]
fn neighbours_and_cpu_levels_change_no_bit() {
    let all = many(21, Level::Baseline);
    assert_eq!(all.len(), 21 * 5);
    assert!(all.iter().all(|(_, _, state)| state[0].is_finite()));
    assert_eq!(many(3, Level::Baseline)[..], all[..15]);
    for level in Level::ALL.into_iter().filter(|level| level.is_supported()) {
        assert_eq!(many(21, level), all);
    }
}

/// y' = y^2 reaches infinity at t = 1.
struct Explosion;

impl System<1> for Explosion {
    type Moment = Lane;
    type Own = ();

    const PATTERN: [u32; 1] = [1];

    fn moment(&self, time: &Lane) -> Lane {
        *time
    }

    fn own(&self, _: usize) {}

    fn slopes((): &(), _: usize, _: &Lane, y: &[f64; 1]) -> [f64; 1] {
        [y[0] * y[0]]
    }

    fn jacobian(
        (): &(),
        _: usize,
        _: &Lane,
        y: &[f64; 1],
        by: &mut [[f64; 1]; 1],
        _: &mut [f64; 1],
    ) {
        by[0][0] = 2.0 * y[0];
    }
}

#[test]
fn a_row_that_cannot_go_on_is_nan_and_leaves_the_others_alone() {
    let setting = Setting {
        rows: 12,
        knots: &[0.0],
        reads: &[0.5, 0.8, 2.0],
        tolerance: 1e-6,
        level: Level::highest(),
    };
    for (row, read, state) in solve(Explosion, [1.0], [1.0], &setting) {
        let pole = 1.0 / (1.0 + 0.01 * row as f64);
        let left = pole - setting.reads[read];
        if left > 0.0 {
            assert!((state[0] * left - 1.0).abs() < 2e-5, "{row} {read} {state:?}");
        } else {
            assert!(state[0].is_nan(), "{row} {read} {state:?}");
        }
    }
}

/// y'' = -1e6 y turns round for ever.
struct Wheel;

impl System<2> for Wheel {
    type Moment = Lane;
    type Own = ();

    const PATTERN: [u32; 2] = [0b10, 0b01];

    fn moment(&self, time: &Lane) -> Lane {
        *time
    }

    fn own(&self, _: usize) {}

    fn slopes((): &(), _: usize, _: &Lane, y: &[f64; 2]) -> [f64; 2] {
        [1e3 * y[1], -1e3 * y[0]]
    }

    fn jacobian(
        (): &(),
        _: usize,
        _: &Lane,
        _: &[f64; 2],
        by: &mut [[f64; 2]; 2],
        _: &mut [f64; 2],
    ) {
        by[0][1] = 1e3;
        by[1][0] = -1e3;
    }
}

#[test]
fn a_row_that_never_settles_is_given_up_between_two_reads_and_no_sooner() {
    let reads = [0.1, 1e6];
    let setting =
        Setting { rows: 1, knots: &[0.0], reads: &reads, tolerance: 1e-8, level: Level::highest() };
    let kept = solve(Wheel, [1.0, 0.0], [1.0, 1.0], &setting);
    let want = 0.862_318_872_287_683_9; // cos 100
    assert!((kept[0].2[0] - want).abs() < 5e-6, "{:?}", kept[0]);
    assert!(kept[1].2[0].is_nan());
}

#[test]
fn a_set_flag_stops_the_march() {
    with_work(|work, cancel| {
        cancel.store(true, std::sync::atomic::Ordering::Relaxed);
        let march = March {
            rows: Same {
                system: PhantomData::<Driven>,
                start: [1.0],
                scale: [1.0],
                kept: &mut Vec::new(),
            },
            count: 1,
            knots: &[0.0],
            reads: &[1.0],
            tolerance: Tolerance { relative: 1e-6, floor: 1e-3 },
            work,
        };
        assert_eq!(dispatch(Level::Baseline, march), Err(crate::Error::Cancelled));
    });
}

#[test]
fn times_that_fall_are_refused() {
    assert!(check_times("reads", &[0.0, 0.0, 2.0], 0.0).is_ok());
    let error = check_times("reads", &[0.0, 2.0, 1.0], 0.0).unwrap_err();
    assert_eq!(error.to_string(), "`reads[2]` must be finite and rise, got 1");
}
