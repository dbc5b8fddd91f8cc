//! What a terminal model says of itself: its names, its rates, their derivatives.
//!
//! All is written for one terminal, in plain numbers. The solver does eight at once, so a
//! model has no loops over unknown lengths and chooses by selection, not by branches.

/// The drives of a terminal at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Drives {
    /// Share of VMAT2 that works.
    pub active: f64,
    /// Firing rate relative to the resting one.
    pub firing: f64,
    /// Change of `active` per h.
    pub active_slope: f64,
    /// Change of `firing` per h.
    pub firing_slope: f64,
}

/// N quantities of one kind of terminal, P parameters, C constants made of them, F fluxes.
pub trait Model<const N: usize, const P: usize, const C: usize, const F: usize> {
    /// What a user can set, in the order of a row.
    const PARAMETERS: [&'static str; P];
    /// The quantities followed, in umol per litre unless said otherwise.
    const STATES: [&'static str; N];
    /// The fluxes, in umol per litre and h.
    const FLUXES: [&'static str; F];

    /// Which derivatives can be other than zero: bit j of row i is that by state j.
    const PATTERN: [u32; N];

    /// What the rates need, from a row of parameters.
    fn constants(parameters: &[f64; P]) -> [f64; C];
    /// Where the search for the steady state begins; also the scale of each quantity.
    fn guess(parameters: &[f64; P]) -> [f64; N];
    /// The fluxes.
    fn fluxes(k: &[f64; C], drives: &Drives, state: &[f64; N]) -> [f64; F];
    /// d(state)/dt per h.
    fn slopes(k: &[f64; C], drives: &Drives, state: &[f64; N], out: &mut [f64; N]);
    /// Their derivatives, into zeros.
    fn jacobian(
        k: &[f64; C],
        drives: &Drives,
        state: &[f64; N],
        by_state: &mut [[f64; N]; N],
        by_time: &mut [f64; N],
    );
}

/// vmax x/(km + x) and its derivative by x.
#[inline(always)]
pub fn saturable(vmax: f64, km: f64, x: f64) -> (f64, f64) {
    let share = 1.0 / (km + x);
    let rate = vmax * x * share;
    (rate, (vmax - rate) * share)
}

/// Two lists of names as one.
pub const fn joined<const P: usize>(
    first: &[&'static str],
    second: &[&'static str],
) -> [&'static str; P] {
    assert!(first.len() + second.len() == P);
    let mut names = [""; P];
    let mut i = 0;
    while i < P {
        names[i] = if i < first.len() { first[i] } else { second[i - first.len()] };
        i += 1;
    }
    names
}

/// A row of a pattern: bits at these places.
pub const fn bits(places: &[usize]) -> u32 {
    let mut out = 0;
    let mut i = 0;
    while i < places.len() {
        out |= 1 << places[i];
        i += 1;
    }
    out
}
