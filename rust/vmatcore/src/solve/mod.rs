//! Solvers that know nothing of drugs.
//!
//! - [`linear`], [`pattern`]: exact propagation of linear compartment systems
//! - [`stiff`]: nonlinear systems whose rates lie far apart

pub mod linear;
pub mod pattern;
pub mod stiff;
