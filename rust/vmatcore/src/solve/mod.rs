//! Solvers that know nothing of drugs: exact propagation of linear compartment systems.

pub mod linear;
pub mod pattern;
pub mod periodic;
