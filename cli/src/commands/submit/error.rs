//! Why a proof does not get to the contract, other than that it is refused.

use std::path::PathBuf;

use zkmargin_chain::ChainError;

/// Why nothing, or not everything, was done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SubmitError {
    /// A context that is for somebody or somewhere else.
    #[error("{}: field '{field}': {found} is not {expected}", path.display())]
    OtherContext {
        path: PathBuf,
        field: &'static str,
        found: String,
        /// What it is held against, in words.
        expected: String,
    },
    /// The node, or what stands on its chain.
    #[error(transparent)]
    Chain(Box<ChainError>),
}

impl From<ChainError> for SubmitError {
    fn from(error: ChainError) -> Self {
        Self::Chain(Box::new(error))
    }
}

impl SubmitError {
    /// Whose fault it is: the `node`'s, the `input`'s or, `internal`, ours.
    pub(crate) fn kind(&self) -> &'static str {
        let Self::Chain(error) = self else {
            return "input";
        };
        match **error {
            ChainError::Unreachable { .. }
            | ChainError::Node { .. }
            | ChainError::Answer { .. }
            | ChainError::Pending { .. }
            | ChainError::Unsure { .. } => "node",
            ChainError::Key(_) | ChainError::Runtime(_) => "internal",
            _ => "input",
        }
    }

    /// What to do about it, where there is something.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        let Self::Chain(error) = self else {
            return None;
        };
        match **error {
            ChainError::Unreachable { .. } => Some("is the node up, and is --rpc its URL?"),
            ChainError::Pending { .. } | ChainError::Unsure { .. } => {
                Some("look for that transaction before you submit again: one of two would revert")
            }
            _ => None,
        }
    }
}
