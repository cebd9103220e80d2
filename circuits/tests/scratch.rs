//! scratch
mod support;
use halo2_proofs::dev::MockProver;
use support::sample;
use zkmargin_circuits::{circuit::*, engine::*, model::*, public::*, shape::Shape, slots::Slots};
#[test]
fn presets() {
    for (shape, account) in [
        (Shape::Small, "account-small.json"),
        (Shape::Medium, "account.json"),
    ] {
        for preset in [
            "samples/policy.json",
            "samples/policy-exposures.json",
            "policies/derive-pmrm2.json",
            "policies/paradex-pm.json",
            "policies/deribit-pm.json",
            "policies/standard.json",
            "policies/collateral-ratio.json",
        ] {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("..")
                .join(preset);
            let policy: Policy = read_json(&path).expect(preset);
            let snapshot: Snapshot = sample("snapshot.json");
            let mut account: Account = sample(account);
            let table = match PublicTable::new(&snapshot, &policy) {
                Ok(t) => t,
                Err(e) => {
                    println!("{shape} {preset}: {e}");
                    continue;
                }
            };
            println!("{shape} {preset}: rows {}", table.rows().len());
            if let Err(e) = table.fits(shape) {
                println!("  {e}");
                continue;
            }
            account.cash = Money::from_units(account.cash.units() - 100_000_000 * 100_000_000 / 40);
            let slots = Slots::new(&account, shape).expect("fits");
            for s in 0..table.scenarios.len() {
                let witness = match Witness::new(slots.clone(), &table, s, Default::default()) {
                    Ok(w) => w,
                    Err(e) => {
                        println!("  {s} {e}");
                        continue;
                    }
                };
                if s % 7 != 0 && s + 3 < table.scenarios.len() && shape == Shape::Medium {
                    continue;
                }
                let instance = witness.instance();
                let terms = witness.terms();
                let circuit = LiquidationCircuit::with_witness(witness);
                let prover = MockProver::run(shape.k(), &circuit, instance).expect("synthesis");
                match prover.verify() {
                    Ok(()) => println!("  {s} ok {:?} {:?}", terms.repay, terms.incentive_rate),
                    Err(f) => {
                        println!("  {s} {} failures", f.len());
                        for x in f.iter().take(4) {
                            println!("{}", x.to_string().chars().take(700).collect::<String>());
                        }
                        return;
                    }
                }
            }
        }
    }
}
