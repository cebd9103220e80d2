//! Small answers, to be edited: one perpetual, one dated future, one strike, one coin.

use std::fs;

use tempfile::TempDir;
use zkmargin_circuits::model::{HexBytes, Price, Salt};

use super::super::{
    super::{ImportError, ImportOptions, Imported},
    DeribitFiles, import,
};

const INSTRUMENTS: &str = r#"{"jsonrpc":"2.0","id":1,"result":[
{"instrument_name":"BTC-PERPETUAL","kind":"future","instrument_type":"reversed","base_currency":"BTC","quote_currency":"USD","settlement_period":"perpetual","expiration_timestamp":32503708800000,"is_active":true},
{"instrument_name":"BTC-25DEC26","kind":"future","instrument_type":"reversed","base_currency":"BTC","quote_currency":"USD","settlement_period":"month","expiration_timestamp":1798185600000,"is_active":true},
{"instrument_name":"BTC-25DEC26-100000-C","kind":"option","instrument_type":"reversed","base_currency":"BTC","quote_currency":"BTC","settlement_period":"month","expiration_timestamp":1798185600000,"strike":1.0e5,"option_type":"call","is_active":true},
{"instrument_name":"BTC-25DEC26-100000-P","kind":"option","instrument_type":"reversed","base_currency":"BTC","quote_currency":"BTC","settlement_period":"month","expiration_timestamp":1798185600000,"strike":100000.0,"option_type":"put","is_active":true}]}"#;
const SUMMARIES: &str = r#"{"jsonrpc":"2.0","result":[
{"instrument_name":"BTC-PERPETUAL","mark_price":100100,"estimated_delivery_price":100000,"creation_timestamp":1795161600100},
{"instrument_name":"BTC-25DEC26","mark_price":101000,"estimated_delivery_price":100000,"creation_timestamp":1795161600100},
{"instrument_name":"BTC-25DEC26-100000-C","mark_price":0.05,"mark_iv":47.25,"underlying_price":101000,"interest_rate":0.0,"estimated_delivery_price":100000,"creation_timestamp":1795161600100}]}"#;
const TICKER: &str = r#"{"jsonrpc":"2.0","result":{"instrument_name":"BTC-25DEC26-100000-P","mark_price":0.04,"mark_iv":47.25,"underlying_price":101000,"interest_rate":0.0,"index_price":100000,"timestamp":1795161600100}}"#;
const POSITIONS: &str = r#"{"jsonrpc":"2.0","result":[
{"instrument_name":"BTC-PERPETUAL","kind":"future","size":100100,"direction":"buy","average_price":90000,"size_currency":1.0,"mark_price":100100,"floating_profit_loss":0.001},
{"instrument_name":"BTC-25DEC26-100000-C","kind":"option","size":-2.5,"direction":"sell","average_price":0.06,"mark_price":0.05,"floating_profit_loss":0.025}]}"#;
const BALANCE: &str = r#"{"jsonrpc":"2.0","result":{"currency":"BTC","balance":3.25,"futures_session_rpl":-1.0e-3,"equity":3.2}}"#;

/// The small answers in files, after replacing `from` by `to` in each named one.
pub(super) fn answers(edits: &[(&str, &str, &str)]) -> (TempDir, DeribitFiles) {
    let folder = TempDir::new().expect("folder");
    let mut files = DeribitFiles::default();
    for (name, text, list) in [
        ("instruments", INSTRUMENTS, &mut files.instruments),
        ("summaries", SUMMARIES, &mut files.summaries),
        ("ticker", TICKER, &mut files.tickers),
        ("positions", POSITIONS, &mut files.positions),
        ("balance", BALANCE, &mut files.account_summaries),
    ] {
        let mut text = text.to_owned();
        for (_, from, to) in edits.iter().filter(|(file, ..)| *file == name) {
            assert!(text.contains(from), "{from}");
            text = text.replacen(from, to, 1);
        }
        let path = folder.path().join(name);
        fs::write(&path, text).expect("file");
        list.push(path);
    }
    (folder, files)
}

/// Imports the small answers after the edits.
pub(super) fn edited(edits: &[(&str, &str, &str)]) -> Result<Imported, ImportError> {
    let (_folder, files) = answers(edits);
    let options = ImportOptions {
        owner: Some(HexBytes([7; 20])),
        account_sequence: 1,
        snapshot_sequence: Some(9),
        salt: Some(Salt::new([1; 32])),
    };
    import(&files, &options)
}

fn price(text: &str) -> Price {
    text.parse().expect("price")
}

#[test]
fn reads_exponents_and_joins_summaries_and_tickers() {
    let imported = edited(&[]).expect("small");
    assert_eq!(imported.warnings, Vec::<String>::new());
    assert_eq!(imported.snapshot.sequence, 9);
    let [expiry] = imported.snapshot.expiries.as_slice() else {
        panic!("one expiry");
    };
    assert_eq!(expiry.forward, price("101000"));
    assert_eq!(expiry.discount.to_string(), "1");
    assert_eq!(expiry.smile.len(), 1);
    assert_eq!(expiry.smile[0].strike, price("100000"));
    assert_eq!(expiry.smile[0].vol, price("0.4725"));
    let account = imported.account.expect("account");
    assert_eq!(account.collateral[0].amount, price("3.249"));
    assert_eq!(account.options[0].calls, price("-2.5"));
    assert_eq!(account.options[0].puts, price("0"));
}

#[test]
fn inverse_future_keeps_its_dollar_value() {
    let account = edited(&[]).expect("small").account.expect("account");
    // Worth 0.001 BTC at the index of 100000; 100100 / 1.001 = 100000 is the entry.
    let future = &account.futures[0];
    assert_eq!(future.entry, price("100000"));
    // 1.001 coins x index / mark.
    assert_eq!(future.size, price("1"));
    assert_eq!(future.funding_index, price("0"));
}

#[test]
fn the_documented_examples_split_settled_from_open_profit() {
    // The examples of docs.deribit.com: traded at 7440.18, settled and marked at 7476.65, so
    // that nothing is open; equity 302.61869214 = balance + realised + 0.05921555 - 0.0086.
    let examples = [
        ("positions", "\"size\":100100,", "\"size\":50,"),
        (
            "positions",
            "\"average_price\":90000",
            "\"average_price\":7440.18",
        ),
        (
            "positions",
            "\"size_currency\":1.0",
            "\"size_currency\":0.006687487",
        ),
        (
            "positions",
            "\"floating_profit_loss\":0.001",
            "\"floating_profit_loss\":0",
        ),
        ("balance", "3.25", "302.60065765"),
        ("balance", "-1.0e-3", "-0.03258105"),
    ];
    let account = edited(&examples).expect("small").account.expect("account");
    let off = account.futures[0].entry.units() - price("7476.65").units();
    assert!(off.abs() < 100_000, "{off}");
    assert_eq!(account.collateral[0].amount, price("302.5680766"));
}

#[test]
fn linear_future_keeps_its_size() {
    let linear = [
        (
            "instruments",
            "\"reversed\",\"base_currency\":\"BTC\",\"quote_currency\":\"USD\"",
            "\"linear\",\"base_currency\":\"SOL\",\"quote_currency\":\"USDC\"",
        ),
        (
            "summaries",
            "\"mark_price\":100100,\"estimated_delivery_price\":100000",
            "\"mark_price\":186.7,\"estimated_delivery_price\":186.72",
        ),
        ("positions", "\"size\":100100,", "\"size\":40,"),
        (
            "positions",
            "\"mark_price\":100100,\"floating_profit_loss\":0.001",
            "\"mark_price\":186.7,\"floating_profit_loss\":28.5",
        ),
    ];
    let account = edited(&linear).expect("small").account.expect("account");
    assert_eq!(account.futures[0].asset.to_string(), "SOL");
    assert_eq!(account.futures[0].size, price("40"));
    assert_eq!(account.futures[0].entry, price("185.9875"));
}

#[test]
fn a_time_before_all_times_does_not_overflow() {
    let old = [("summaries", ":1795161600100", ":-9223372036854775808")];
    let imported = edited(&old).expect("small");
    let reason = "is quoted over a minute before the snapshot: BTC-PERPETUAL";
    assert!(
        imported.warnings[0].ends_with(reason),
        "{:?}",
        imported.warnings
    );
}

#[test]
fn dollars_are_cash_and_may_be_owed() {
    let imported = edited(&[(
        "balance",
        "\"BTC\",\"balance\":3.25",
        "\"USDC\",\"balance\":-10.5",
    )]);
    let account = imported.expect("small").account.expect("account");
    assert_eq!(account.cash, price("-10.501"));
    assert!(account.collateral.is_empty());
}

#[test]
fn differing_volatilities_keep_the_out_of_the_money_one() {
    // The forward is above the strike: the put is out of the money.
    let imported = edited(&[("ticker", "47.25", "48.125")]).expect("small");
    assert_eq!(imported.snapshot.expiries[0].smile[0].vol, price("0.48125"));
    assert_eq!(imported.warnings.len(), 1);
    assert!(
        imported.warnings[0].contains("has another mark_iv"),
        "{:?}",
        imported.warnings
    );
}

#[test]
fn a_missing_volatility_is_reported_and_the_other_side_used() {
    let imported = edited(&[("summaries", "47.25", "null")]).expect("small");
    assert_eq!(imported.snapshot.expiries[0].smile[0].vol, price("0.4725"));
    assert!(imported.warnings[0].ends_with("has no mark_iv: BTC-25DEC26-100000-C"));
}

#[test]
fn an_instrument_without_a_quote_is_reported() {
    let gone = [("summaries", "\"BTC-25DEC26\"", "\"BTC-1JAN30\"")];
    let warnings = edited(&gone).expect("small").warnings;
    assert!(
        warnings[0].ends_with("has no quote: BTC-25DEC26"),
        "{warnings:?}"
    );
    assert!(
        warnings[1].ends_with("is in no instruments file: BTC-1JAN30"),
        "{warnings:?}"
    );
}
