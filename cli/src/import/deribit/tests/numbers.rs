//! Exact decimals of JSON numbers.

use zkmargin_circuits::model::{Discount, Fixed};

use super::super::number::Exact;

fn exact(text: &str) -> Exact {
    Exact::parse(text).expect("number")
}

#[test]
fn reads_what_json_writes() {
    for (text, shown) in [
        ("0", "0"),
        ("-0.0", "0"),
        ("1.0e-8", "0.00000001"),
        ("1E+2", "100"),
        ("12.50", "12.5"),
        ("-1.2e-7", "-0.00000012"),
        ("104380.25", "104380.25"),
        ("1e30", "1e30"),
    ] {
        assert_eq!(exact(text).to_string(), shown);
    }
    for text in [
        "",
        "-",
        ".5",
        "1e",
        "1e99999",
        "NaN",
        "\"1\"",
        "1_0",
        "12345678901234567890123456789",
    ] {
        assert_eq!(Exact::parse(text), None, "{text}");
    }
}

#[test]
fn rounds_half_to_even_once() {
    for (text, units) in [
        ("0.000000005", 0),
        ("0.000000015", 2),
        ("-0.000000025", -2),
        ("-0.0000000251", -3),
        ("1e-40", 0),
    ] {
        assert_eq!(
            exact(text).round::<8>(),
            Some(Fixed::from_units(units)),
            "{text}"
        );
    }
    assert_eq!(exact("1e11").round::<8>(), None);
    assert_eq!(exact("1e300").round::<8>(), None);
    assert_eq!(
        exact("2").over::<8>(exact("-3")),
        Some(Fixed::from_units(-66_666_667))
    );
    assert_eq!(exact("2").over::<8>(Exact::ZERO), None);
}

#[test]
fn discounts_match_a_forty_digit_exponential() {
    // exp(-rate x seconds / 31536000), computed with Python's decimal module.
    let month = 3_024_000;
    assert_eq!(
        exact("0.041").discount(month).map(|d| d.to_string()),
        Some("0.996076211406".into())
    );
    assert_eq!(
        exact("-0.3").discount(31_536_000).map(|d| d.to_string()),
        Some("1.349858807576".into())
    );
    assert_eq!(
        exact("0.68").discount(31_536_000).map(|d| d.to_string()),
        Some("0.506616992366".into())
    );
    assert_eq!(exact("0").discount(month), Some(Discount::ONE));
    assert_eq!(exact("0.7").discount(31_536_000), None);
    assert_eq!(exact("1e18").discount(31_536_000), None);
}
