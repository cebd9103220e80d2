//! The presets in `policies/` and the sample policies: each parses, holds within the schema and says where its numbers are from.

use std::{fs, path::Path};

use crate::support::sample;
use zkmargin_circuits::model::{DisclosureLevel, Policy, read_json};

/// File stem and policy.
fn presets() -> Vec<(String, Policy)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .collect();
    files.sort();
    let policy = |path: &Path| {
        let stem = path.file_stem().expect("a name").to_string_lossy();
        (stem.into_owned(), read_json(path).expect("parses"))
    };
    files.iter().map(|path| policy(path)).collect()
}

#[test]
fn every_preset_is_valid_and_named_after_its_file() {
    let presets = presets();
    let names: Vec<&str> = presets.iter().map(|(stem, _)| stem.as_str()).collect();
    assert_eq!(
        names,
        [
            "collateral-ratio",
            "deribit-pm",
            "derive-pmrm2",
            "paradex-pm",
            "standard"
        ]
    );
    for (stem, policy) in &presets {
        assert_eq!(policy.validate(), Ok(()), "{stem}");
        assert_eq!(&policy.name, stem);
    }
}

/// What a policy sets, that it says the source of; and what it leaves out of its venue's rules.
#[test]
fn every_preset_has_sources() {
    for (stem, policy) in presets() {
        let document = serde_json::to_value(&policy).expect("printed");
        let empty = Policy {
            source: Default::default(),
            scenarios: vec![],
            vol_shock: Default::default(),
            skew: Default::default(),
            discount: Default::default(),
            basis: Default::default(),
            delta: Default::default(),
            long_options: Default::default(),
            contingencies: Default::default(),
            volatility_trigger: vec![],
            ..policy.clone()
        };
        let empty = serde_json::to_value(&empty).expect("printed");
        for (group, value) in document.as_object().expect("an object") {
            let always = ["factors", "haircuts", "incentive", "disclosure"];
            let set = always.contains(&group.as_str()) || empty.get(group) != Some(value);
            if set && group != "source" {
                assert!(policy.source.contains_key(group), "{stem}: {group}");
            }
        }
        assert!(policy.source.contains_key("not_reproduced"), "{stem}");
    }
}

#[test]
fn the_sample_policies_are_valid_and_differ_in_disclosure_only() {
    let hiding: Policy = sample("policy.json");
    let showing: Policy = sample("policy-exposures.json");
    assert_eq!(hiding.validate(), Ok(()));
    assert_eq!(showing.validate(), Ok(()));
    assert_eq!(hiding.disclosure.level, DisclosureLevel::Terms);
    assert_eq!(showing.disclosure.level, DisclosureLevel::TermsAndGreeks);
    let like_the_other = Policy {
        name: hiding.name.clone(),
        disclosure: hiding.disclosure.clone(),
        ..showing
    };
    assert_eq!(like_the_other, hiding);
}
