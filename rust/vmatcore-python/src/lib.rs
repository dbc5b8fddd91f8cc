//! The Python face of the core. It converts, leaves the GIL and maps errors;
//! there is no arithmetic here.

use pyo3::prelude::*;

mod arrays;
mod enter;
mod errors;
mod filling;
mod occupancy;
mod pk;
mod plasticity;
mod random;
mod release;
mod signal;
mod spikes;
mod terminal;

/// The CPU level that calls will use.
#[pyfunction]
fn cpu_level() -> PyResult<&'static str> {
    Ok(enter::level()?.name())
}

/// The compiled core of vmatcore. Use the modules of the package instead.
#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<enter::CancelToken>()?;
    module.add_function(wrap_pyfunction!(cpu_level, module)?)?;
    random::register(module)?;
    pk::register(module)?;
    occupancy::register(module)?;
    filling::register(module)?;
    spikes::register(module)?;
    release::register(module)?;
    signal::register(module)?;
    plasticity::register(module)?;
    terminal::register(module)
}
