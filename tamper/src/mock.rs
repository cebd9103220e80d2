//! The mock prover's failures by the names that [`Constraint::name`](crate::Constraint::name) gives.

use halo2_proofs::dev::VerifyFailure;

/// `gate: constraint`, the lookup's name, or `copy`; anything else in the backend's words.
pub fn mock_name(failure: &VerifyFailure) -> String {
    match failure {
        VerifyFailure::ConstraintNotSatisfied { constraint, .. } => {
            // "Constraint 0 ('constraint') in gate 1 ('gate')"; names may hold primes.
            let text = constraint.to_string();
            let parts = text.split_once(" ('").and_then(|(_, rest)| {
                let (constraint, rest) = rest.split_once("') in gate ")?;
                let (_, gate) = rest.split_once(" ('")?;
                Some(format!("{}: {constraint}", gate.strip_suffix("')")?))
            });
            parts.unwrap_or(text)
        }
        VerifyFailure::Lookup { name, .. } => name.clone(),
        VerifyFailure::Permutation { .. } => "copy".to_owned(),
        other => other.to_string(),
    }
}
