//! The one way into a long call: leaves the GIL, hears Ctrl-C, reports progress, catches panics.

use std::any::Any;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use pyo3::prelude::*;
use vmatcore::lanes::Level;
use vmatcore::parallel::Work;
use vmatcore::{Error, Result};

use crate::errors::{internal, raise};

/// How often a running call looks for Ctrl-C and reports progress.
const POLL: Duration = Duration::from_millis(20);

/// Forces a CPU level; the tests use it to show that no level changes a bit.
const LEVEL_VARIABLE: &str = "VMATCORE_CPU";

/// A switch that stops a running call from any thread.
#[pyclass(frozen, module = "vmatcore")]
#[derive(Default)]
pub struct CancelToken {
    flag: Arc<AtomicBool>,
}

#[pymethods]
impl CancelToken {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// Ask every call that was given this token to stop.
    fn cancel(&self) {
        self.flag.store(true, Ordering::Relaxed);
    }

    /// Whether the token was used.
    #[getter]
    fn cancelled(&self) -> bool {
        self.flag.load(Ordering::Relaxed)
    }
}

/// What the Python side says about a call: an object with these attributes.
#[derive(FromPyObject)]
pub struct Call {
    threads: usize,
    progress: Option<Py<PyAny>>,
    cancel: Option<Py<CancelToken>>,
}

/// The CPU level to use: the highest, or the one the environment forces.
pub fn level() -> PyResult<Level> {
    let Some(name) = std::env::var_os(LEVEL_VARIABLE) else {
        return Ok(Level::highest());
    };
    Level::from_name(LEVEL_VARIABLE, &name.to_string_lossy()).map_err(raise)
}

/// Run `job` away from the GIL on a thread of its own, while this thread listens.
pub fn enter<R: Send>(
    py: Python<'_>,
    call: &Call,
    job: impl FnOnce(&Work<'_>) -> Result<R> + Send,
) -> PyResult<R> {
    let threads = NonZeroUsize::new(call.threads)
        .ok_or_else(|| raise(Error::parameter("threads", "must be at least 1", 0)))?;
    let level = level()?;
    let token = call.cancel.as_ref().map(|token| token.get().flag.clone());
    let (cancel, done) = (AtomicBool::new(false), AtomicU64::new(0));
    let work = Work { threads, level, cancel: &cancel, done: &done };
    let listen = || -> PyResult<()> {
        if token.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            cancel.store(true, Ordering::Relaxed);
        }
        Python::attach(|py| {
            py.check_signals()?;
            if let Some(progress) = &call.progress {
                progress.call1(py, (done.load(Ordering::Relaxed),))?;
            }
            Ok(())
        })
    };
    let outcome = py.detach(|| attend(&work, &cancel, listen, job))?;
    if let Some(progress) = &call.progress {
        progress.call1(py, (done.load(Ordering::Relaxed),))?;
    }
    outcome.map_err(raise)
}

/// Wait for the job; stop it at the first exception that `listen` brings.
fn attend<R: Send>(
    work: &Work<'_>,
    cancel: &AtomicBool,
    listen: impl Fn() -> PyResult<()>,
    job: impl FnOnce(&Work<'_>) -> Result<R> + Send,
) -> PyResult<Result<R>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        let body = move || {
            let outcome = catch_unwind(AssertUnwindSafe(|| job(work)));
            let _ = sender.send(outcome);
        };
        std::thread::Builder::new()
            .spawn_scoped(scope, body)
            .map_err(|error| internal(&format!("the system refused a thread: {error}")))?;
        let mut interrupted = None;
        let outcome = loop {
            match receiver.recv_timeout(POLL) {
                Ok(outcome) => break outcome,
                Err(RecvTimeoutError::Timeout) => {
                    if interrupted.is_none() {
                        interrupted = listen().err();
                    }
                    if interrupted.is_some() {
                        cancel.store(true, Ordering::Relaxed);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(internal("a worker vanished without an answer"));
                }
            }
        };
        match (interrupted, outcome) {
            (Some(error), _) => Err(error),
            (None, Ok(outcome)) => Ok(outcome),
            (None, Err(panic)) => Err(internal(&panic_text(panic))),
        }
    })
}

fn panic_text(panic: Box<dyn Any + Send>) -> String {
    panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "unknown panic".into())
}
