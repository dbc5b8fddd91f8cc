//! Simulation core of vmatcore. No Python, no I/O, no printing, no global state.
//!
//! Read in the order of the science: [`pk`] (dose to plasma and brain), then
//! [`occupancy`] (the transporter held by drug), [`terminal`] (amine in cytosol,
//! vesicles and outside), [`filling`] (molecules in a vesicle). What they share stands
//! below them: [`error`], [`parallel`], [`lanes`], [`arithmetic`], [`math`], [`random`],
//! [`solve`], [`vesicle`].

pub mod arithmetic;
pub mod error;
pub mod filling;
pub mod lanes;
pub mod math;
pub mod occupancy;
pub mod parallel;
pub mod pk;
pub mod plasticity;
pub mod random;
pub mod release;
pub mod signal;
pub mod solve;
pub mod spikes;
pub mod terminal;
pub mod vesicle;

pub use error::{Error, Result};
