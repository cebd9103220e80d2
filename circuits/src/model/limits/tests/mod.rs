//! Every bound, on both of its sides, and every other rule, by the field that the refusal names.

mod oracle;
mod policy;
mod snapshot;

use serde_json::{Value, json};

use super::{super::Rate, ValueError};

/// Sets a field such as `haircuts[0].initial`; objects on the way to it are made.
fn set(document: &mut Value, field: &str, value: Value) {
    let mut at = document;
    for part in field.split('.') {
        let (name, index) = match part.trim_end_matches(']').split_once('[') {
            Some((name, index)) => (name, Some(index)),
            None => (part, None),
        };
        at = &mut at[name];
        if let Some(index) = index {
            at = &mut at[index.parse::<usize>().expect("an index")];
        }
    }
    *at = value;
}

/// Field and value of an edit.
type Edit<'a> = (&'a str, Value);

fn edited(text: &str, edits: &[Edit]) -> Value {
    let mut document = serde_json::from_str(text).expect("a sample");
    for (field, value) in edits {
        set(&mut document, field, value.clone());
    }
    document
}

type Validate = fn(&[Edit]) -> Result<(), ValueError>;

/// Both bounds are in, a unit beyond either is out, and the refusal names field and value.
fn bounds(validate: Validate, before: &[Edit], (field, low, high): (&str, &str, &str)) {
    let with = |units: i64| {
        let value = Rate::from_units(units).to_string();
        let edits = [before, &[(field, json!(value))]].concat();
        (validate(&edits), value)
    };
    let units = |text: &str| text.parse::<Rate>().expect("a rate").units();
    for inside in [units(low), units(high)] {
        let (result, value) = with(inside);
        assert_eq!(result, Ok(()), "{field}: {value}");
    }
    for outside in [units(low) - 1, units(high) + 1] {
        let (result, value) = with(outside);
        let error = result.expect_err(field);
        assert_eq!((error.field.as_str(), error.value), (field, value));
    }
}

/// The refusal names this field and says why.
fn refused(validate: Validate, edits: &[Edit], field: &str, rule: &str) {
    let error = validate(edits).expect_err(field);
    assert_eq!(error.field, field);
    assert!(error.rule.contains(rule), "{error}");
}
