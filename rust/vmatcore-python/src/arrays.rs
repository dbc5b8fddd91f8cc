//! NumPy arrays in and out.

use numpy::ndarray::Dimension;
use numpy::{Element, PyArray, PyReadonlyArray};
use pyo3::prelude::*;

/// A copy of an array's values: NumPy may change them once the GIL is gone.
pub fn owned<D: Dimension>(array: &PyReadonlyArray<'_, f64, D>) -> PyResult<Vec<f64>> {
    let slice = array.as_slice()?;
    let mut copy = Vec::new();
    copy.try_reserve_exact(slice.len()).map_err(|_| {
        let bytes = size_of_val(slice) as u64;
        crate::errors::raise(vmatcore::Error::Memory { what: "a copy of the input".into(), bytes })
    })?;
    copy.extend_from_slice(slice);
    Ok(copy)
}

/// A new array made by NumPy itself, which knows about huge pages and raises MemoryError.
pub fn empty<'py, T: Element, D: Dimension>(
    py: Python<'py>,
    shape: impl IntoPyObject<'py>,
) -> PyResult<Bound<'py, PyArray<T, D>>> {
    let array = py.import("numpy")?.call_method1("empty", (shape,))?;
    Ok(array.cast_into::<PyArray<T, D>>()?)
}
