//! Solvers that know nothing of drugs.
//!
//! - [`linear`], [`pattern`]: exact propagation of linear compartment systems
//! - [`periodic`]: their steady states
//! - [`taylor`]: nonlinear systems, explicitly
//! - [`stiff`]: nonlinear systems whose rates lie far apart, implicitly

pub mod linear;
pub mod pattern;
pub mod periodic;
pub mod stiff;
pub mod taylor;
