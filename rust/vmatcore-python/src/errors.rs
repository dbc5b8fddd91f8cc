//! The one bridge from core errors to the exceptions of `vmatcore.errors`.

use pyo3::prelude::*;
use vmatcore::Error;

/// The Python exception for a core error: same text, fitting class.
pub fn raise(error: Error) -> PyErr {
    let class = match error {
        Error::Parameter { .. } => "ParameterError",
        Error::Solver { .. } => "SolverError",
        Error::Memory { .. } => "MemoryLimitError",
        Error::Cancelled => "CancelledError",
    };
    exception(class, &error.to_string())
}

/// The exception for a bug of ours: never a `PanicException`, which `except Exception` misses.
pub fn internal(message: &str) -> PyErr {
    exception("SolverError", &format!("internal error, please report it: {message}"))
}

fn exception(class: &str, message: &str) -> PyErr {
    Python::attach(|py| {
        let made = py
            .import("vmatcore.errors")
            .and_then(|module| module.getattr(class))
            .and_then(|class| class.call1((message,)));
        made.map_or_else(|error| error, PyErr::from_value)
    })
}
