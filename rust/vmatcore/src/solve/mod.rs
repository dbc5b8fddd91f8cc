//! Solvers that know nothing of drugs: exact propagation of linear compartment systems and
//! their steady states, and adaptive integration of any others.

pub mod adaptive;
pub mod linear;
pub mod pattern;
pub mod periodic;
