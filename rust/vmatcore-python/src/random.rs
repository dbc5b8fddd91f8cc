//! Random numbers and the transforms behind them, for tests and the self-test.

use numpy::{PyArray1, PyArrayMethods, PyReadonlyArray1};
use pyo3::prelude::*;
use vmatcore::random::binomial::{Binomial, Survival};
use vmatcore::random::philox::Address;
use vmatcore::random::poisson::Poisson;
use vmatcore::random::table::Table;
use vmatcore::random::xoshiro::Xoshiro;
use vmatcore::random::{Kind, STREAM_VERSION, Stage, Stream};
use vmatcore::{Error, math};

use crate::arrays::{empty, owned};
use crate::errors::raise;

/// The four 32-bit words at an address; any stage number is an address.
#[pyfunction]
fn philox_block(
    seed: u64,
    stage: u16,
    replicate: u64,
    draw: u64,
) -> PyResult<(u32, u32, u32, u32)> {
    let address = Address::new(seed, stage, replicate, draw).map_err(raise)?;
    Ok(address.block().into())
}

/// The next `count` numbers of one stream, from the first word of `draw` on.
#[pyfunction]
#[pyo3(signature = (kind, seed, stage, replicate, count, draw=0))]
fn random_draws<'py>(
    py: Python<'py>,
    kind: &str,
    seed: u64,
    stage: u16,
    replicate: u64,
    count: usize,
    draw: u64,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let kind: Kind = kind.parse().map_err(raise)?;
    let stage = Stage::try_from(stage).map_err(raise)?;
    let mut stream = Stream::new(seed, stage, replicate).at(draw).map_err(raise)?;
    fresh(py, count, |out| stream.fill(kind, out))
}

/// The next `count` Poisson numbers of one stream, by the sampler or by a table.
#[pyfunction]
#[pyo3(signature = (mean, seed, replicate, count, tabled=false))]
fn random_poisson<'py>(
    py: Python<'py>,
    mean: f64,
    seed: u64,
    replicate: u64,
    count: usize,
    tabled: bool,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    if !(mean.is_finite() && (0.0..=4e9).contains(&mean)) {
        return Err(raise(Error::parameter("mean", "must be in [0, 4e9]", mean)));
    }
    let mut stream = Stream::new(seed, Stage::Test, replicate);
    let law = Poisson::new(mean);
    let table = if tabled && mean > 0.0 { Table::poisson(mean) } else { None };
    fresh(py, count, |out| match table {
        Some(table) => out.fill_with(|| table.draw(stream.uniform()) as f64),
        None => out.fill_with(|| law.draw(&mut stream) as f64),
    })
}

/// The next `count` binomial numbers of one stream, by the sampler or by a table.
#[pyfunction]
#[pyo3(signature = (trials, stay, seed, replicate, count, tabled=false))]
fn random_binomial<'py>(
    py: Python<'py>,
    trials: u32,
    stay: f64,
    seed: u64,
    replicate: u64,
    count: usize,
    tabled: bool,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    if !(0.0..=1.0).contains(&stay) {
        return Err(raise(Error::parameter("stay", "must be in [0, 1]", stay)));
    }
    let mut stream = Stream::new(seed, Stage::Test, replicate);
    let (trials, survival) = (u64::from(trials), Survival::from_probability(stay));
    let law = Binomial::new(survival);
    let inside = trials > 0 && stay > 0.0 && stay < 1.0;
    let table = if tabled && inside { Table::binomial(trials, survival) } else { None };
    fresh(py, count, |out| match table {
        Some(table) => out.fill_with(|| table.draw(stream.uniform()) as f64),
        None => out.fill_with(|| law.draw(trials, &mut stream) as f64),
    })
}

/// The next `count` words of the generator that one stream seeds.
#[pyfunction]
fn random_xoshiro<'py>(
    py: Python<'py>,
    seed: u64,
    replicate: u64,
    count: usize,
) -> PyResult<Bound<'py, PyArray1<u64>>> {
    let mut generator = Xoshiro::from_stream(&mut Stream::new(seed, Stage::Test, replicate));
    let out: Bound<'py, PyArray1<u64>> = empty(py, count)?;
    out.readwrite().as_slice_mut()?.fill_with(|| generator.word());
    Ok(out)
}

/// The stages and their numbers, in order.
#[pyfunction]
fn random_stages() -> Vec<(&'static str, u16)> {
    let named = |stage: Stage| (stage.name(), stage.number());
    Stage::ALL.into_iter().map(named).collect()
}

/// The core's natural logarithm of each value.
#[pyfunction]
fn math_ln<'py>(
    py: Python<'py>,
    values: PyReadonlyArray1<'py, f64>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    mapped(py, &values, math::ln)
}

/// The core's exponential of each value.
#[pyfunction]
fn math_exp<'py>(
    py: Python<'py>,
    values: PyReadonlyArray1<'py, f64>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    mapped(py, &values, math::exp)
}

fn mapped<'py>(
    py: Python<'py>,
    values: &PyReadonlyArray1<'py, f64>,
    function: impl Fn(f64) -> f64 + Sync,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let values = owned(values)?;
    fresh(py, values.len(), |out| {
        for (value, out) in values.iter().zip(out) {
            *out = function(*value);
        }
    })
}

/// A new array filled away from the GIL.
fn fresh<'py>(
    py: Python<'py>,
    count: usize,
    fill: impl FnOnce(&mut [f64]) + Send,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let array: Bound<'py, PyArray1<f64>> = empty(py, count)?;
    let mut values = array.readwrite();
    let values = values.as_slice_mut()?;
    py.detach(|| fill(values));
    Ok(array)
}

/// Add the functions of this file to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("STREAM_VERSION", STREAM_VERSION)?;
    module.add_function(wrap_pyfunction!(philox_block, module)?)?;
    module.add_function(wrap_pyfunction!(random_draws, module)?)?;
    module.add_function(wrap_pyfunction!(random_poisson, module)?)?;
    module.add_function(wrap_pyfunction!(random_binomial, module)?)?;
    module.add_function(wrap_pyfunction!(random_xoshiro, module)?)?;
    module.add_function(wrap_pyfunction!(random_stages, module)?)?;
    module.add_function(wrap_pyfunction!(math_ln, module)?)?;
    module.add_function(wrap_pyfunction!(math_exp, module)?)
}
