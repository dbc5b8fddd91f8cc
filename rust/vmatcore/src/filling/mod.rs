//! Filling: molecules in a vesicle, one by one or by their exact laws.
//!
//! - [`cohort`]: which vesicles, with what spread, how drug binds, where they start
//! - [`course`]: the stretches of constant rates that one vesicle lives through
//! - [`closed_form`]: one binomial and one Poisson number per read (linear laws)
//! - [`ssa`]: every molecule, by Gillespie's direct method (any law)
//! - [`mean`]: the expected content
//! - [`distribution`]: the probability of every content
//! - [`keep`]: what is kept of the contents: all, moments, histograms

pub mod cohort;

pub use cohort::{Binding, Cohort, Spread, Start};
