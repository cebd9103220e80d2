//! Every malformed answer gives its own error, with file, field and value.

use rand_core::RngCore;
use zkmargin_circuits::model::{HexBytes, LoadError};

use super::{
    super::{
        super::{ImportError, ImportOptions},
        account::random_salt,
        import,
    },
    small::{answers, edited},
};

fn refused(file: &str, from: &str, to: &str) -> ImportError {
    edited(&[(file, from, to)])
        .map(|_| ())
        .expect_err("refused")
}

fn assert_value(file: &str, from: &str, to: &str, field: &str, value: &str) {
    match refused(file, from, to) {
        ImportError::Value {
            path,
            field: f,
            value: v,
            ..
        } => {
            assert!(path.ends_with(file), "{}", path.display());
            assert_eq!((f.as_str(), v.as_str()), (field, value));
        }
        other => panic!("{other}"),
    }
}

fn assert_json(file: &str, from: &str, to: &str, field: &str) {
    match refused(file, from, to) {
        ImportError::Load(LoadError::Json { path, field: f, .. }) => {
            assert!(path.ends_with(file), "{}", path.display());
            assert_eq!(f, field);
        }
        other => panic!("{other}"),
    }
}

#[test]
fn wrong_types_name_the_field() {
    for (file, from, to, field) in [
        ("summaries", "47.25", "\"47.25\"", "result[2].mark_iv"),
        ("summaries", "100100,", "true,", "result[0].mark_price"),
        (
            "summaries",
            ":1795161600100",
            ":1.5",
            "result[0].creation_timestamp",
        ),
        ("instruments", "1.0e5", "1e99999", "result[2].strike"),
        ("positions", "\"size\":-2.5,", "", "result[1]"),
        ("balance", "3.25", "[3.25]", "result.balance"),
        ("ticker", "\"result\":{", "\"result\":{{", "result.?"),
        (
            "positions",
            "\"result\":[",
            "\"result\":7,\"x\":[",
            "result",
        ),
    ] {
        assert_json(file, from, to, field);
    }
}

#[test]
fn instruments_out_of_range_name_the_field() {
    for (from, to, field, value) in [
        ("1.0e5", "0", "[2].strike", "0"),
        ("1.0e5", "1e9", "[2].strike", "1000000000"),
        ("\"strike\":1.0e5,", "", "[2].strike", "null"),
        ("\"call\"", "\"straddle\"", "[2].option_type", "straddle"),
        (
            "1798185600000",
            "1798185600001",
            "[1].expiration_timestamp",
            "1798185600001",
        ),
        (
            ",\"expiration_timestamp\":1798185600000",
            "",
            "[1].expiration_timestamp",
            "null",
        ),
    ] {
        assert_value("instruments", from, to, &format!("result{field}"), value);
    }
}

#[test]
fn quotes_out_of_range_name_the_field() {
    let (index, forward) = ("\"estimated_delivery_price\":", "\"underlying_price\":");
    for (from, to, field, value) in [
        ("100100,", "-5.5,", "[0].mark_price", "-5.5"),
        ("47.25", "-47.25", "[2].mark_iv", "-47.25"),
        ("47.25", "1e-7", "[2].mark_iv", "0.0000001"),
        ("0.0,", "9.5,", "[2].interest_rate", "9.5"),
        (
            &format!("{index}100000"),
            &format!("{index}0"),
            "[0].estimated_delivery_price",
            "0",
        ),
        (
            &format!("{forward}101000"),
            &format!("{forward}4e-9"),
            "[2].underlying_price",
            "0.000000004",
        ),
    ] {
        assert_value("summaries", from, to, &format!("result{field}"), value);
    }
}

#[test]
fn a_second_name_of_a_contract_is_refused() {
    // The put's listing turned into another call of the same strike, and held.
    let held = "{\"instrument_name\":\"BTC-25DEC26-100000-P\",\"size\":1,\"direction\":\"buy\"},{\"instrument_name\":\"BTC-25DEC26-100000-C\"";
    let edits = [
        ("instruments", "\"put\"", "\"call\""),
        (
            "positions",
            "{\"instrument_name\":\"BTC-25DEC26-100000-C\"",
            held,
        ),
    ];
    match edited(&edits).map(|_| ()).expect_err("refused") {
        ImportError::Value { field, value, .. } => {
            assert_eq!(field, "result[2].instrument_name");
            assert_eq!(value, "BTC-25DEC26-100000-C");
        }
        other => panic!("{other}"),
    }
}

#[test]
fn positions_and_balances_out_of_range_name_the_field() {
    let option = "BTC-25DEC26-100000-C";
    for (from, to, field, value) in [
        ("\"size\":-2.5", "\"size\":2.5", "[1].size", "2.5"),
        ("-2.5", "-2e9", "[1].size", "-2000000000"),
        ("\"sell\"", "\"short\"", "[1].direction", "short"),
        ("\"size_currency\":1.0,", "", "[0].size_currency", "null"),
        (
            ",\"floating_profit_loss\":0.001",
            "",
            "[0].floating_profit_loss",
            "null",
        ),
        ("0.001", "-1.0", "[0].floating_profit_loss", "-1"),
        (
            option,
            "BTC-PERPETUAL",
            "[1].instrument_name",
            "BTC-PERPETUAL",
        ),
    ] {
        assert_value("positions", from, to, &format!("result{field}"), value);
    }
    assert_value("balance", "3.25", "-3.25", "result.balance", "-3.251");
    assert_value("balance", "3.25", "2e7", "result.balance", "19999999.999");
}

#[test]
fn a_market_without_an_index_is_refused() {
    let gone = ("summaries", ",\"estimated_delivery_price\":100000", "");
    let ticker = ("ticker", "\"index_price\":100000", "\"index_price\":null");
    match edited(&[gone, gone, gone, ticker])
        .map(|_| ())
        .expect_err("refused")
    {
        ImportError::Value { field, value, .. } => {
            assert_eq!(
                (field.as_str(), value.as_str()),
                ("result[1].estimated_delivery_price", "null")
            );
        }
        other => panic!("{other}"),
    }
}

#[test]
fn the_venues_own_error_is_passed_on() {
    let error = "\"error\":{\"code\":13009,\"message\":\"unauthorized\"},\"x\":[";
    match refused("positions", "\"result\":[", error) {
        ImportError::Venue {
            path,
            code,
            message,
        } => {
            assert!(path.ends_with("positions"));
            assert_eq!((code, message.as_str()), (13009, "unauthorized"));
        }
        other => panic!("{other}"),
    }
    match refused("balance", "\"result\"", "\"params\"") {
        ImportError::NoResult { path } => assert!(path.ends_with("balance")),
        other => panic!("{other}"),
    }
}

fn assert_no_market(edits: &[(&str, &str, &str)], row: &str, name: &str, why: &str) {
    match edited(edits).map(|_| ()).expect_err("refused") {
        ImportError::NoMarketData {
            path,
            field,
            instrument,
            reason,
        } => {
            assert!(path.ends_with("positions"));
            assert_eq!(
                (field.as_str(), instrument.as_str(), reason),
                (row, name, why)
            );
        }
        other => panic!("{other}"),
    }
}

#[test]
fn an_open_position_without_market_data_is_named() {
    let option = "BTC-25DEC26-100000-C";
    let unknown = [("positions", option, "BTC-25DEC26-90000-C")];
    assert_no_market(
        &unknown,
        "result[1]",
        "BTC-25DEC26-90000-C",
        "is in no instruments file",
    );
    let inactive = [(
        "instruments",
        "\"call\",\"is_active\":true",
        "\"call\",\"is_active\":false",
    )];
    assert_no_market(&inactive, "result[1]", option, "is not active");
    let blind = [("summaries", "47.25", "0"), ("ticker", "47.25", "null")];
    assert_no_market(
        &blind,
        "result[1]",
        option,
        "has no volatility in the quotes",
    );
    let unmarked = [("summaries", "\"mark_price\":100100,", "")];
    assert_no_market(
        &unmarked,
        "result[0]",
        "BTC-PERPETUAL",
        "has no mark in the quotes",
    );
    let mixed = [("instruments", "\"reversed\"", "\"linear\"")];
    let why = "is of another contract family of its asset";
    assert_no_market(&mixed, "result[0]", "BTC-PERPETUAL", why);
    let expired = [(
        "instruments",
        "\"expiration_timestamp\":32503708800000",
        "\"expiration_timestamp\":1795161600000",
    )];
    assert_no_market(&expired, "result[0]", "BTC-PERPETUAL", "has expired");
}

#[test]
fn a_balance_without_a_spot_is_named() {
    match refused("balance", "\"BTC\"", "\"DOGE\"") {
        ImportError::NoSpot {
            field, currency, ..
        } => {
            assert_eq!(
                (field.as_str(), currency.as_str()),
                ("result.currency", "DOGE")
            );
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_snapshot_beyond_the_model_is_refused() {
    let wild = [("summaries", "47.25", "2500"), ("ticker", "47.25", "2500")];
    match edited(&wild).map(|_| ()).expect_err("refused") {
        ImportError::Snapshot(error) => assert_eq!(
            error.to_string(),
            "field 'expiries[0].smile[0].vol': 25 must be 0.0001 to 20"
        ),
        other => panic!("{other}"),
    }
}

#[test]
fn nothing_to_quote_and_nobody_to_own() {
    let (_folder, mut files) = answers(&[]);
    let nobody = import(&files, &ImportOptions::default());
    assert!(matches!(nobody, Err(ImportError::NoOwner)));
    files.summaries.clear();
    files.tickers.clear();
    let nothing = import(&files, &ImportOptions::default());
    assert!(matches!(nothing, Err(ImportError::NoQuotes)));
}

#[test]
fn an_account_beyond_the_model_is_refused() {
    let (_folder, files) = answers(&[]);
    let options = ImportOptions {
        owner: Some(HexBytes([1; 20])),
        account_sequence: 1 << 60,
        ..ImportOptions::default()
    };
    match import(&files, &options) {
        Err(ImportError::Account(error)) => assert_eq!(error.field, "sequence"),
        other => panic!("{other:?}"),
    }
}

/// A system without randomness.
struct Dry;

impl RngCore for Dry {
    fn next_u32(&mut self) -> u32 {
        0
    }

    fn next_u64(&mut self) -> u64 {
        0
    }

    fn fill_bytes(&mut self, _: &mut [u8]) {}

    fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), rand_core::Error> {
        Err(rand_core::Error::new("dry"))
    }
}

/// A salt of zeros hides nothing.
#[test]
fn no_salt_without_randomness() {
    assert!(matches!(
        random_salt(&mut Dry),
        Err(ImportError::Entropy(_))
    ));
}
