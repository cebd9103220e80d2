//! What a liquidation pays.

use serde::{Deserialize, Serialize};
use zkmargin_circuits::{
    engine::Terms,
    model::{Money, ONE, Rate},
};

/// What a liquidation costs the liquidator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Costs {
    /// USD for one liquidation, whatever its size.
    pub gas: Money,
    /// USD lost for each USD that is repaid, on the way in and out; with 1 in it where the liquidator pays what is repaid.
    pub slippage: Rate,
}

impl Costs {
    /// The payoff of disclosed terms, USD, rounded down: `repay x (1 + incentive) - gas - repay x slippage`. `None` if the policy
    /// hides the terms, or beyond 92 billion USD.
    pub fn payoff(&self, terms: &Terms) -> Option<Money> {
        let [repay, rate] = [terms.repay?.units(), terms.incentive_rate?.units()];
        let [gas, slippage] = [self.gas.units(), self.slippage.units()].map(i128::from);
        let each = i128::from(ONE) + i128::from(rate) - slippage;
        // Below 2^63 and 2^65 in magnitude each.
        let gain = i128::from(repay) * each;
        let payoff = gain.div_euclid(ONE.into()) - gas;
        i64::try_from(payoff).ok().map(Money::from_units)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payoff(repay: &str, rate: &str, gas: &str, slippage: &str) -> Option<String> {
        let terms = Terms {
            repay: Some(repay.parse().expect("money")),
            incentive_rate: Some(rate.parse().expect("a rate")),
            exposures: None,
        };
        let costs = Costs {
            gas: gas.parse().expect("money"),
            slippage: slippage.parse().expect("a rate"),
        };
        costs.payoff(&terms).map(|money| money.to_string())
    }

    #[test]
    fn payoff_is_income_less_costs() {
        let is = |money: &str| Some(money.to_owned());
        assert_eq!(payoff("1000", "0.05", "12.5", "0.003"), is("1034.5"));
        assert_eq!(payoff("1000", "0.05", "12.5", "1.003"), is("34.5"));
        assert_eq!(payoff("1000", "0.05", "50", "1"), is("0"));
        assert_eq!(
            payoff("1000", "0.05", "50.00000001", "1"),
            is("-0.00000001")
        );
        assert_eq!(payoff("0", "0.05", "1", "0"), is("-1"));
    }

    #[test]
    fn payoff_is_rounded_down() {
        let is = |money: &str| Some(money.to_owned());
        assert_eq!(payoff("0.00000001", "0.5", "0", "0"), is("0.00000001"));
        assert_eq!(payoff("0.00000001", "0.5", "0", "2"), is("-0.00000001"));
    }

    #[test]
    fn hidden_terms_and_numbers_out_of_range_have_none() {
        let most = "92233720368.54775807";
        assert_eq!(payoff(most, "1", "0", "0"), None);
        assert_eq!(
            payoff(most, "92233720368", "-92233720368", "-92233720368"),
            None
        );
        let costs = Costs {
            gas: Money::ZERO,
            slippage: Rate::ZERO,
        };
        let mut terms = Terms {
            repay: Some(Money::ONE),
            incentive_rate: Some(Rate::ZERO),
            exposures: None,
        };
        assert_eq!(costs.payoff(&terms), Some(Money::ONE));
        terms.incentive_rate = None;
        assert_eq!(costs.payoff(&terms), None);
        (terms.repay, terms.incentive_rate) = (None, Some(Rate::ZERO));
        assert_eq!(costs.payoff(&terms), None);
    }
}
