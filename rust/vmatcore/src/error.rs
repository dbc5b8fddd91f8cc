//! The one error type of the core: it names the argument, the rule and the value.

/// Why a call could not be carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// An argument broke its rule.
    #[error("`{argument}` {rule}, got {value}")]
    Parameter {
        /// The argument, with its index where it has one.
        argument: String,
        /// What must hold, as in "must be in [0, 1]".
        rule: String,
        /// The value that broke the rule, as text.
        value: String,
    },
    /// The method could not keep its promise.
    #[error("{what} at {when}: {cause}")]
    Solver {
        /// What failed.
        what: String,
        /// When, in model time.
        when: String,
        /// The likely cause.
        cause: String,
    },
    /// An allocation was refused.
    #[error("{what} needs {bytes} bytes, which could not be allocated")]
    Memory {
        /// What the memory was for.
        what: String,
        /// How much was asked for.
        bytes: u64,
    },
    /// The caller asked to stop.
    #[error("cancelled by the caller")]
    Cancelled,
}

/// The result of a core call.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An argument that broke its rule.
    pub fn parameter(
        argument: impl Into<String>,
        rule: impl Into<String>,
        value: impl ToString,
    ) -> Self {
        Self::Parameter { argument: argument.into(), rule: rule.into(), value: value.to_string() }
    }
}
