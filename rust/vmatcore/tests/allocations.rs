//! How often the core asks for memory: once a call or a chunk, never once an event.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicU64};

use vmatcore::filling::lumen::{Pump, Supply};
use vmatcore::filling::{Binding, Cohort, Method, Spread, Start, simulate};
use vmatcore::lanes::Level;
use vmatcore::parallel::Work;
use vmatcore::vesicle::{Law, Segment};

/// The system's allocator, counted.
struct Counting;

thread_local! {
    // Of this thread alone: the test harness has threads of its own, which ask when they like.
    static REQUESTS: Cell<u64> = const { Cell::new(0) };
}

#[allow(unsafe_code)] // the trait asks for it; every call is handed on as it is
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = REQUESTS.try_with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn supply() -> Supply {
    Supply {
        pump: Pump {
            copies: 1.4,
            most_per_s: 127.9,
            half_mv: 106.4,
            slope_mv: 35.9,
            stall_mv: 323.2,
            stall_slope_mv: 31.38,
            stall_weight: 0.808,
        },
        leak_per_s: 3.7e7,
        exchange_per_s_mv: 0.6,
        exchange_far_per_s_mv3: 3e-5,
        exchange_turn_mv: 250.0,
        exchange_slope_mv: 75.0,
        buffer_protons: 807.0,
        charge_mv: 3.19,
        thermal_mv: 26.7,
        surface_mv: -50.0,
        cytosol_ph: 7.4,
        cytosol_chloride: 101.0,
        start_ph: 6.6,
        start_mv: 0.0,
        start_chloride: 2220.0,
        protons_per_amine: 2.0,
        ceiling: 8.66e4,
        turnover_per_s: 2.0,
    }
}

/// Requests of one run up to a time, with its events and switches.
fn requests(method: Method, binding: Binding, crowding: f64, end_s: f64, acid: bool) -> u64 {
    let segment = |until_s: f64, active: f64| Segment {
        until_s,
        active,
        influx_per_s: 1.3,
        efflux_per_s: 3e-4,
        crowding,
    };
    let segments = vec![segment(end_s / 3.0, 0.9), segment(f64::INFINITY, 0.4)];
    let law = Law::new(10.0, 0.0015, None, segments).unwrap();
    let times = vec![end_s / 2.0, end_s];
    let cohort = Cohort::new(law, binding, Spread::NONE, Start::Same(0), times, 7, 0, 24).unwrap();
    let cohort = if acid { cohort.with_supply(supply()).unwrap() } else { cohort };
    let (cancel, done) = (AtomicBool::new(false), AtomicU64::new(0));
    let work =
        Work { threads: NonZeroUsize::MIN, level: Level::highest(), cancel: &cancel, done: &done };
    let mut out = vec![0; 48];
    let before = REQUESTS.get();
    simulate(&cohort, method, &mut out, &work).unwrap();
    let count = REQUESTS.get() - before;
    assert!(out.iter().any(|&content| content > 0));
    count
}

#[test]
fn a_request_is_counted() {
    let before = REQUESTS.get();
    let kept = std::hint::black_box(vec![1_u8; 100]);
    assert_eq!(REQUESTS.get() - before, 1, "{}", kept.len());
}

#[test]
fn ten_times_the_events_ask_for_no_more_memory() {
    let telegraph = Binding::Telegraph { residence_s: 0.5 };
    for (method, binding, crowding, acid) in [
        (Method::Ssa, Binding::Fast, 0.0, false),
        (Method::Ssa, Binding::Fast, 1e-4, false),
        (Method::Ssa, telegraph, 0.0, false),
        (Method::Ssa, Binding::Irreversible, 0.0, false),
        (Method::Ssa, Binding::Fast, 0.0, true),
        (Method::ClosedForm, telegraph, 0.0, false),
    ] {
        let few = requests(method, binding, crowding, 30.0, acid);
        let many = requests(method, binding, crowding, 300.0, acid);
        assert_eq!(few, many, "{method:?} {binding:?} {crowding} {acid}");
        assert!(few < 50, "{few}");
    }
}
