//! What a transaction pays: the node's estimate, never more above the base fee than the context lets.

use alloy::eips::eip1559::Eip1559Estimation;

/// The estimate with its priority fee cut to `most` wei; what is left for the base fee stays.
pub(crate) fn capped(estimate: Eip1559Estimation, most: u64) -> Eip1559Estimation {
    let priority = estimate.max_priority_fee_per_gas.min(most.into());
    let base = estimate
        .max_fee_per_gas
        .saturating_sub(estimate.max_priority_fee_per_gas);
    Eip1559Estimation {
        max_fee_per_gas: base.saturating_add(priority),
        max_priority_fee_per_gas: priority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_priority_fee_is_cut_and_the_base_fee_still_paid() {
        let estimate = |max_fee_per_gas, max_priority_fee_per_gas| Eip1559Estimation {
            max_fee_per_gas,
            max_priority_fee_per_gas,
        };
        assert_eq!(capped(estimate(50, 10), 3), estimate(43, 3));
        assert_eq!(capped(estimate(50, 10), 10), estimate(50, 10));
        assert_eq!(capped(estimate(50, 10), 11), estimate(50, 10));
        assert_eq!(capped(estimate(50, 10), 0), estimate(40, 0));
        // A node that estimates nonsense.
        assert_eq!(capped(estimate(5, 10), 4), estimate(4, 4));
    }
}
