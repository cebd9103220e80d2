//! Whatever is asked of both stores, in whatever order: the same answers, errors included.

use std::collections::BTreeMap;

use proptest::prelude::*;
use zkmargin_circuits::model::{HexBytes, Policy};

use super::{
    super::{Claim, Ledger, MemoryStore, Registry},
    support::*,
};

/// One call. Names are drawn from few, so that they meet.
#[derive(Debug, Clone)]
enum Call {
    Open(u8, u64, u64, bool, i64),
    Recommit(u8, u64, u64),
    ChangePolicy(u8, bool, i64),
    Beat(u8, u64, bool, i64, i64),
    Liveness(u8, i64),
    /// By the account's state of the day, or by a claim of before.
    Consume(u8, u8, u64, i64),
    ConsumeAgain(usize, i64),
    /// A claim that no check has made.
    ConsumeForeign(u8, u64, u64, bool),
    Consumed(u8, u64),
    NonceUsed(u8, u64),
    Advance(u8, u64),
    Account(u8),
    AccountOf(u64),
}

fn calls() -> impl Strategy<Value = Vec<Call>> {
    use Call::*;
    let account = || 0u8..3;
    let number = || 0u64..8;
    let sequence = || prop_oneof![0u64..6, Just(u64::MAX)];
    let at = || 0i64..6000;
    let call = prop_oneof![
        3 => (account(), number(), sequence(), any::<bool>(), 0i64..50).prop_map(|(a, c, s, p, t)| Open(a, c, s, p, t)),
        3 => (account(), number(), sequence()).prop_map(|(a, c, s)| Recommit(a, c, s)),
        1 => (account(), any::<bool>(), at()).prop_map(|(a, p, t)| ChangePolicy(a, p, t)),
        3 => (account(), number(), any::<bool>(), at(), at()).prop_map(|(a, c, p, t, now)| Beat(a, c, p, t, now)),
        2 => (account(), at()).prop_map(|(a, t)| Liveness(a, t)),
        5 => (account(), 0u8..2, number(), at()).prop_map(|(a, l, n, t)| Consume(a, l, n, t)),
        3 => (any::<usize>(), at()).prop_map(|(i, t)| ConsumeAgain(i, t)),
        1 => (account(), number(), sequence(), any::<bool>()).prop_map(|(a, c, s, p)| ConsumeForeign(a, c, s, p)),
        1 => (account(), number()).prop_map(|(a, c)| Consumed(a, c)),
        1 => (0u8..2, number()).prop_map(|(l, n)| NonceUsed(l, n)),
        2 => (0u8..2, sequence()).prop_map(|(p, s)| Advance(p, s)),
        1 => account().prop_map(Account),
        1 => number().prop_map(AccountOf),
    ];
    proptest::collection::vec(call, 1..60)
}

/// Of one run on one store.
struct Run<'a> {
    store: &'a dyn Ledger,
    policies: &'a [Policy; 2],
    claims: Vec<Claim>,
    /// Receipts by state.
    spent: BTreeMap<([u8; 32], [u8; 32]), u64>,
}

impl Run<'_> {
    /// The answer, as text that has every part of it.
    fn call(&mut self, call: &Call) -> String {
        let store = self.store;
        let policy = |heartbeat: bool| &self.policies[usize::from(heartbeat)];
        let digest = |number: u8| HexBytes(policy(number == 1).digest());
        match *call {
            Call::Open(a, c, s, p, t) => {
                format!(
                    "{:?}",
                    store.open(id(a), commitment(c), s, policy(p), after(t))
                )
            }
            Call::Recommit(a, c, s) => format!("{:?}", store.recommit(id(a), commitment(c), s)),
            Call::ChangePolicy(a, p, t) => {
                format!("{:?}", store.change_policy(id(a), policy(p), after(t)))
            }
            Call::Beat(a, c, p, t, now) => {
                let proof = health(commitment(c), policy(p), after(t));
                format!("{:?}", store.beat(id(a), &proof, after(now)))
            }
            Call::Liveness(a, t) => format!("{:?}", store.liveness(id(a), after(t))),
            Call::Consume(a, l, n, t) => match store.account(id(a)) {
                Ok(Some(state)) => {
                    let mut claim = claim_on(id(a), &state, (liquidator(l), n));
                    claim.snapshot_sequence = n;
                    self.claims.push(claim.clone());
                    self.consume(&claim, t)
                }
                other => format!("{other:?}"),
            },
            Call::ConsumeAgain(index, t) => match self.claims.len() {
                0 => String::new(),
                count => self.consume(&self.claims[index % count].clone(), t),
            },
            Call::ConsumeForeign(a, c, s, p) => match self.claims.first().cloned() {
                Some(mut claim) => {
                    claim.account = id(a);
                    claim.commitment = commitment(c);
                    claim.sequence = s;
                    claim.policy = digest(u8::from(p));
                    self.consume(&claim, 20)
                }
                None => String::new(),
            },
            Call::Consumed(a, c) => format!("{:?}", store.consumed(id(a), commitment(c))),
            Call::NonceUsed(l, n) => format!("{:?}", store.nonce_used(liquidator(l), n)),
            Call::Advance(p, s) => {
                let advanced = store.advance(digest(p), s);
                format!("{advanced:?} {:?}", store.last_sequence(digest(p)))
            }
            Call::Account(a) => format!("{:?}", store.account(id(a))),
            Call::AccountOf(c) => format!("{:?}", store.account_of(commitment(c))),
        }
    }

    fn consume(&mut self, claim: &Claim, t: i64) -> String {
        let consumed = self.store.consume(claim, after(t));
        if consumed.is_ok() {
            let key = (claim.account.0.0, claim.commitment.0);
            *self.spent.entry(key).or_default() += 1;
        }
        format!("{consumed:?}")
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Both stores answer alike, and none spends a state twice; what the database has outlives its connection.
    #[test]
    fn both_stores_give_the_same_answers(calls in calls()) {
        let policies = [policy(false), policy(true)];
        let (path, _folder) = scratch_path();
        let (memory, file) = (MemoryStore::new(), reopened(&path));
        let run = |store| Run { store, policies: &policies, claims: Vec::new(), spent: BTreeMap::new() };
        let (mut one, mut other) = (run(&memory), run(&file));
        for call in &calls {
            prop_assert_eq!(one.call(call), other.call(call), "{:?}", call);
        }
        prop_assert!(one.spent.values().all(|&times| times == 1), "{:?}", one.spent);
        prop_assert_eq!(file.check_integrity(), Ok(()));
        drop(file);
        let file = reopened(&path);
        for number in 0..8 {
            for account in 0..3 {
                prop_assert_eq!(memory.account(id(account)), file.account(id(account)));
                let consumed = |store: &dyn Ledger| store.consumed(id(account), commitment(number));
                prop_assert_eq!(consumed(&memory), consumed(&file));
            }
        }
    }
}
