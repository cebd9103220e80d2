//! What a transaction did.

use alloy::primitives::{Address, B256, Log, U256};
use alloy_sol_types::SolEventInterface;
use zkmargin_contracts::IMarginRegistry::IMarginRegistryEvents;

/// An event of the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The account may be liquidated by this liquidator, on these terms.
    Eligible {
        /// The account.
        account: B256,
        /// Who may.
        liquidator: Address,
        /// Units of 1e-8 USD; 0 where the policy hides it.
        repay: U256,
        /// Units of 1e-8; 0 where the policy hides it.
        incentive: U256,
    },
    /// The account was healthy at that market.
    Healthy {
        /// The account.
        account: B256,
        /// The market's, Unix seconds.
        time: u64,
    },
    /// A market is there to be proved in.
    MarketPosted {
        /// Digest of the policy.
        policy: B256,
        /// Digest of the market.
        market: B256,
        /// The snapshot's.
        sequence: u64,
        /// The snapshot's, Unix seconds.
        time: u64,
    },
}

impl Event {
    /// Its name in the contract.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Eligible { .. } => "Eligible",
            Self::Healthy { .. } => "Healthy",
            Self::MarketPosted { .. } => "MarketPosted",
        }
    }

    /// The event of a log, if it is one of these and the registry's.
    pub(crate) fn of(log: &Log, registry: Address) -> Option<Self> {
        if log.address != registry {
            return None;
        }
        Some(match IMarginRegistryEvents::decode_log(log).ok()?.data {
            IMarginRegistryEvents::Eligible(event) => Self::Eligible {
                account: event.account,
                liquidator: event.liquidator,
                repay: event.repay,
                incentive: event.incentive,
            },
            IMarginRegistryEvents::Healthy(event) => Self::Healthy {
                account: event.account,
                time: event.time,
            },
            IMarginRegistryEvents::MarketPosted(event) => Self::MarketPosted {
                policy: event.policy,
                market: event.market,
                sequence: event.sequence,
                time: event.time,
            },
            _ => return None,
        })
    }
}

/// A transaction that is in a block and went through.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mined {
    /// Its hash.
    pub transaction: B256,
    /// The block's number.
    pub block: u64,
    /// Gas paid for.
    pub gas: u64,
    /// Wei per unit of gas, base fee and priority fee together.
    pub gas_price: u128,
    /// What it was sent for. None of a market that another had posted before.
    pub event: Option<Event>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_sol_types::SolEvent;
    use zkmargin_contracts::IMarginRegistry;

    #[test]
    fn events_count_from_the_registry_alone() {
        let registry = Address::with_last_byte(1);
        let (account, time) = (B256::with_last_byte(2), 1_800_000_000);
        let event = IMarginRegistry::Healthy { account, time };
        let log = |address| Log {
            address,
            data: event.encode_log_data(),
        };
        let healthy = Event::Healthy { account, time };
        assert_eq!(healthy.name(), "Healthy");
        assert_eq!(Event::of(&log(registry), registry), Some(healthy));
        assert_eq!(Event::of(&log(Address::ZERO), registry), None);
        let consumed = IMarginRegistry::PolicyRegistered { policy: account };
        let other = Log {
            address: registry,
            data: consumed.encode_log_data(),
        };
        assert_eq!(Event::of(&other, registry), None);
    }
}
