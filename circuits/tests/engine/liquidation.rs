//! The statement on the sample files under the mock prover.

use crate::support::sample;
use halo2_proofs::dev::MockProver;
use zkmargin_circuits::{
    circuit::{LiquidationCircuit, Witness},
    engine::{Report, Verdict},
    field,
    model::{Account, Context, Policy, Snapshot},
    public::PublicTable,
    shape::Shape,
    slots::Slots,
};

fn witness(shape: Shape, account: &str) -> Witness {
    let (snapshot, policy): (Snapshot, Policy) = (sample("snapshot.json"), sample("policy.json"));
    let account: Account = sample(account);
    let table = PublicTable::new(&snapshot, &policy).expect("table");
    let slots = Slots::new(&account, shape).expect("fits");
    let report = Report::new(&slots, &snapshot, &policy, &table).expect("report");
    assert_eq!(report.verdict, Verdict::UnderMargined, "{report:#?}");
    let context: Context = sample("context.json");
    let context = field::from_be_bytes(&context.digest()).expect("below 2^248");
    Witness::new(slots, &table, report.worst_scenario, context).expect("witness")
}

#[test]
fn the_honest_witness_satisfies_every_shape() {
    for (shape, account) in [
        (Shape::Small, "account-small.json"),
        (Shape::Medium, "account.json"),
    ] {
        let witness = witness(shape, account);
        let instance = witness.instance();
        let circuit = LiquidationCircuit::with_witness(witness);
        let prover = MockProver::run(shape.k(), &circuit, instance).expect("synthesis");
        if let Err(failures) = prover.verify() {
            for failure in failures.iter().take(10) {
                println!("{failure}");
            }
            panic!("{shape}: {} failures", failures.len());
        }
    }
}
