//! What a submission came to.

use console::style;
use serde_json::{Map, Value, json};
use zkmargin_chain::{Event, Mined, Revert};
use zkmargin_circuits::{
    model::{HexBytes, Money, Rate, Time},
    shape::Statement,
};

use super::{SubmitArgs, inputs::Inputs};
use crate::{commands::verify::terms_document, error::REJECTED, output::Outcome, risk_text};

/// A proof that the contract has accepted.
pub(super) struct Accepted {
    pub(super) inputs: Inputs,
    pub(super) mined: Mined,
}

/// Who refuses a proof, and why.
pub(super) enum Refusal {
    Verifier(String),
    Contract(Revert),
}

/// Wei, as a string: more than a JSON reader's numbers hold.
fn fee(mined: &Mined) -> String {
    mined.gas_price.saturating_mul(mined.gas.into()).to_string()
}

fn transaction(mined: &Mined) -> Value {
    json!({
        "hash": mined.transaction.to_string(),
        "block": mined.block,
        "gas": mined.gas,
        "gas_price": mined.gas_price.to_string(),
        "fee": fee(mined),
    })
}

fn event(event: &Event) -> Value {
    let mut document = match event {
        Event::Eligible {
            account,
            liquidator,
            repay,
            incentive,
        } => {
            let units = |value: &_| i64::try_from(*value).unwrap_or(i64::MAX);
            json!({
                "account": HexBytes(account.0),
                "liquidator": HexBytes(liquidator.0.0),
                "repay": Money::from_units(units(repay)),
                "incentive_rate": Rate::from_units(units(incentive)),
            })
        }
        Event::Healthy { account, time } => json!({
            "account": HexBytes(account.0),
            "time": i64::try_from(*time).ok().and_then(Time::from_unix),
        }),
        _ => json!({}),
    };
    document["name"] = json!(event.name());
    document
}

/// The report of an accepted proof.
pub(super) fn accepted(accepted: &Accepted, args: &SubmitArgs, posted: Option<&Mined>) -> Outcome {
    let Accepted { inputs, mined } = accepted;
    let file = &inputs.file;
    let health = file.statement == Statement::Solvency;
    let verdict = if health {
        style("HEALTHY").green().bold()
    } else {
        style("ELIGIBLE").green().bold()
    };
    let terms = if health {
        String::new()
    } else {
        format!("{}\n", risk_text::terms(&file.terms()))
    };
    let market = inputs.market_digest();
    let how = posted.map_or_else(
        || "on the chain already".to_owned(),
        |posted| format!("posted in {}, {} gas", posted.transaction, posted.gas),
    );
    let text = format!(
        "{verdict}: the contract accepts the proof\n\
         account     {}\ncommitment  {}\nregistry    {} on chain {}\nliquidator  {}\n\
         {terms}market      {market}, {how}\n\
         transaction {}, block {}\ngas         {} at {} wei, {} wei in all",
        args.account,
        file.commitment,
        args.registry,
        inputs.context.chain_id,
        inputs.context.liquidator,
        mined.transaction,
        mined.block,
        mined.gas,
        mined.gas_price,
        fee(mined),
    );
    let document = json!({
        "accepted": true,
        "statement": file.statement,
        "shape": file.shape,
        "account": args.account,
        "commitment": file.commitment,
        "registry": args.registry,
        "chain_id": inputs.context.chain_id,
        "liquidator": inputs.context.liquidator,
        "terms": (!health).then(|| terms_document(&file.terms())),
        "market": { "digest": market, "transaction": posted.map(transaction) },
        "transaction": transaction(mined),
        "event": mined.event.as_ref().map(event),
        "rejected_by": null,
        "reason": null,
        "revert": null,
        "unsafe_dev_parameters": inputs.verifying_key.is_unsafe_dev(),
    });
    Outcome::done(text, document)
}

/// The report of a proof that is refused. Nothing was spent but, maybe, the posting of the market.
pub(super) fn refused(refusal: &Refusal, args: &SubmitArgs, posted: Option<&Mined>) -> Outcome {
    let (by, reason, revert) = match refusal {
        Refusal::Verifier(reason) => ("verifier", reason.clone(), None),
        Refusal::Contract(revert) => {
            let arguments = revert.arguments().into_iter();
            let arguments: Map<String, Value> = arguments
                .map(|(name, value)| (name.to_owned(), value.into()))
                .collect();
            let document = json!({ "name": revert.name(), "arguments": arguments });
            ("contract", revert.to_string(), Some(document))
        }
    };
    let mut text = format!("{} by the {by}: {reason}", style("REJECTED").red().bold());
    if let Some(posted) = posted {
        text += &format!("\nmarket      posted in {}", posted.transaction);
    }
    Outcome {
        code: REJECTED,
        text,
        document: json!({
            "accepted": false,
            "account": args.account,
            "registry": args.registry,
            "market": { "transaction": posted.map(transaction) },
            "transaction": null,
            "event": null,
            "rejected_by": by,
            "reason": reason,
            "revert": revert,
        }),
    }
}
