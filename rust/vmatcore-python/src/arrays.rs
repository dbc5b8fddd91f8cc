//! NumPy arrays in and out.

use numpy::ndarray::Dimension;
use numpy::{Element, PyArray, PyReadonlyArray, PyUntypedArrayMethods};
use pyo3::prelude::*;
use vmatcore::Error;

use crate::errors::raise;

/// A copy of an array's values in C order: NumPy may change them once the GIL is gone.
///
/// `as_slice` alone would take a Fortran-ordered array as it lies in memory.
pub fn owned<T: Element + Copy, D: Dimension>(
    array: &PyReadonlyArray<'_, T, D>,
) -> PyResult<Vec<T>> {
    let count = array.len();
    let mut copy = Vec::new();
    copy.try_reserve_exact(count).map_err(|_| {
        let bytes = (count as u64).saturating_mul(size_of::<T>() as u64);
        raise(Error::Memory { what: "a copy of the input".into(), bytes })
    })?;
    if array.is_c_contiguous() {
        copy.extend_from_slice(array.as_slice()?);
    } else {
        copy.extend(array.as_array().iter());
    }
    Ok(copy)
}

/// A new array made by NumPy itself, which knows about huge pages and raises MemoryError.
pub fn empty<'py, T: Element, D: Dimension>(
    py: Python<'py>,
    shape: impl IntoPyObject<'py>,
) -> PyResult<Bound<'py, PyArray<T, D>>> {
    let array = py.import("numpy")?.call_method1("empty", (shape, T::get_dtype(py)))?;
    Ok(array.cast_into::<PyArray<T, D>>()?)
}
