//! What a circuit has and never uses, each with its reason. An entry that is used after all is a finding.

use zkmargin_circuits::shape::Statement;

/// Gates of chips that both statements share, of which the solvency circuit needs other gates only: the selector is zero in
/// every row, so that they say nothing.
const SOLVENCY_GATES: &[&str] = &[
    // Holding: numbers of a scenario. Solvency has a chip of its own for all branches.
    "q_number",
    // Sums: charges that a liquidation proof bounds from below, and its choices.
    "q_charge",
    "q_choices",
    // Losses under the one scenario that a liquidation proof chose.
    "q_perpetual_loss",
    "q_loss_pole",
];

/// Is a constraint that is never on listed?
pub(crate) fn gate(statement: Statement, constraint: &str) -> bool {
    let gate = constraint.split(':').next().unwrap_or_default();
    statement == Statement::Solvency && SOLVENCY_GATES.contains(&gate)
}
