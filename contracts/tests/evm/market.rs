//! A market of few rows, an account in it, proofs, and the contracts on a chain.

use std::{collections::BTreeMap, path::Path, sync::OnceLock};

use alloy_primitives::{Address, B256};
use halo2curves::bn256::Fr;
use zkmargin_circuits::{
    circuit::{instance, solvency_instance},
    field,
    model::{Account, Context, HexBytes, Policy, Snapshot, Time, read_json},
    public::PublicTable,
    shape::{Shape, Statement},
};
use zkmargin_prover::{Params, ProvingKey, prove};
use zkmargin_verifier::{ProofFile, VerifyingKey, solidity};

use crate::{
    chain::Chain,
    solc::{self, Artifact},
};

/// Whose asset the account trades in.
const ASSET: &str = "BTC";
/// Nodes of the one smile: as many as make a table of 64 rows.
const NODES: usize = 13;
/// Rows of the public table.
pub const ROWS: usize = 64;

fn sample<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../samples")
        .join(name);
    read_json(&path).expect("a sample")
}

/// A snapshot and a policy whose public table has 64 rows.
pub struct Market {
    pub snapshot: Snapshot,
    pub policy: Policy,
    pub table: PublicTable,
}

/// The market.
pub fn market() -> &'static Market {
    static MARKET: OnceLock<Market> = OnceLock::new();
    MARKET.get_or_init(|| {
        let mut snapshot: Snapshot = sample("snapshot.json");
        let mut policy: Policy = sample("policy.json");
        let kept = |asset: String| asset == ASSET || asset == "USDC";
        snapshot.assets.retain(|a| kept(a.asset.to_string()));
        snapshot.expiries.retain(|e| e.asset.to_string() == ASSET);
        snapshot.expiries.drain(..2);
        snapshot.expiries.truncate(1);
        for expiry in &mut snapshot.expiries {
            expiry.smile.drain(..4);
            expiry.smile.truncate(NODES);
        }
        snapshot.everlasting.clear();
        snapshot.american.clear();
        snapshot.power.clear();
        snapshot.variance.clear();
        policy.scenarios.truncate(8);
        policy.haircuts.retain(|h| kept(h.asset.to_string()));
        let table = PublicTable::new(&snapshot, &policy).expect("a table");
        Market {
            snapshot,
            policy,
            table,
        }
    })
}

/// An account in that market; healthy or not by its cash.
pub fn account(healthy: bool) -> Account {
    let mut account: Account = sample("account-small.json");
    let expiry = market().snapshot.expiries[0].expiry;
    account.collateral.retain(|c| c.asset.to_string() != "ETH");
    account
        .futures
        .retain(|f| f.asset.to_string() == ASSET && f.expiry.is_none_or(|e| e == expiry));
    account
        .options
        .retain(|o| o.asset.to_string() == ASSET && o.expiry == expiry);
    account.perpetual_options.clear();
    account.power_perpetuals.clear();
    account.variance.clear();
    account.cash = if healthy { "3000000" } else { "-200000" }
        .parse()
        .expect("money");
    account
}

/// A statement's keys in the small shape, by development parameters.
pub struct Keys {
    params: Params,
    proving: ProvingKey,
}

impl Keys {
    pub fn new(statement: Statement, shape: Shape) -> Self {
        let params = Params::unsafe_dev(statement.k(shape)).expect("parameters");
        let proving = ProvingKey::generate(&params, statement, shape).expect("keys");
        Self { params, proving }
    }

    pub fn verifying(&self) -> &VerifyingKey {
        self.proving.verifying()
    }

    /// A proof about the account that makes its statement true.
    pub fn prove(&self, context: &Context) -> ProofFile {
        let healthy = self.verifying().statement() == Statement::Solvency;
        let Market {
            snapshot, policy, ..
        } = market();
        let proof = prove(
            &self.params,
            &self.proving,
            &account(healthy),
            snapshot,
            policy,
            context,
        );
        proof.expect("a proof").file
    }
}

/// The keys of most tests.
pub fn keys(statement: Statement) -> &'static Keys {
    static LIQUIDATION: OnceLock<Keys> = OnceLock::new();
    static SOLVENCY: OnceLock<Keys> = OnceLock::new();
    let place = match statement {
        Statement::Solvency => &SOLVENCY,
        _ => &LIQUIDATION,
    };
    place.get_or_init(|| Keys::new(statement, Shape::Small))
}

/// The instance columns of a proof file.
pub fn columns(file: &ProofFile) -> Vec<Vec<Fr>> {
    let element = |bytes: &HexBytes<32>| field::from_be_bytes(&bytes.0).expect("a field element");
    let (commitment, context) = (element(&file.commitment), element(&file.context));
    let table = &market().table;
    match file.statement {
        Statement::Solvency => solvency_instance(file.shape, table, commitment, context),
        _ => instance(file.shape, table, commitment, context, &file.terms()),
    }
    .expect("columns")
}

/// What the verifier contract of a proof file is called with.
pub fn calldata(file: &ProofFile) -> Vec<u8> {
    solidity::calldata(&columns(file), &file.proof.0)
}

/// A compiled verifier.
pub struct Compiled {
    contract: solidity::Contract,
    artifacts: BTreeMap<String, Artifact>,
}

/// A key's verifier, compiled.
pub fn compiled(key: &VerifyingKey) -> Compiled {
    let contract = solidity::verifier_contract(key).expect("a contract");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("Verifier.sol");
    std::fs::write(&path, &contract.source).expect("writable");
    let artifacts = solc::compile(&[&path], true);
    Compiled {
        contract,
        artifacts,
    }
}

impl Compiled {
    /// Bytes on the chain of every contract, by name.
    pub fn sizes(&self) -> Vec<(&str, usize)> {
        let names = self.contract.parts.iter().chain([&self.contract.name]);
        names
            .map(|name| (name.as_str(), self.artifacts[name].deployed_size))
            .collect()
    }

    /// What the precompiles take that the source calls: sums, products and pairings on BN254 by EIP-1108, without the inversions.
    pub fn precompile_gas(&self) -> u64 {
        let calls = |number: &str| {
            self.contract
                .source
                .matches(&format!("staticcall(gas(), {number},"))
                .count() as u64
        };
        150 * calls("0x6") + 6_000 * calls("0x7") + (45_000 + 2 * 34_000) * calls("0x8")
    }

    /// Puts it on a chain: its address and the gas.
    pub fn deploy(&self, chain: &mut Chain, from: Address) -> (Address, u64) {
        let mut code = self.artifacts[&self.contract.name].init_code();
        let mut sum = 0;
        for part in &self.contract.parts {
            let (address, gas) = chain.deploy(from, self.artifacts[part].init_code());
            code.extend(B256::left_padding_from(address.as_slice()));
            sum += gas;
        }
        let (address, gas) = chain.deploy(from, code);
        (address, sum + gas)
    }
}

/// The compiled verifier of a statement in the small shape.
pub fn verifier(statement: Statement) -> &'static Compiled {
    static LIQUIDATION: OnceLock<Compiled> = OnceLock::new();
    static SOLVENCY: OnceLock<Compiled> = OnceLock::new();
    let place = match statement {
        Statement::Solvency => &SOLVENCY,
        _ => &LIQUIDATION,
    };
    place.get_or_init(|| compiled(keys(statement).verifying()))
}

/// A context for a sender on a chain.
pub fn context(chain_id: u64, registry: Address, sender: Address, nonce: u64) -> Context {
    Context {
        chain_id,
        verifier: HexBytes(registry.into()),
        liquidator: HexBytes(sender.into()),
        deadline: "2099-12-31T00:00:00Z".parse::<Time>().expect("a time"),
        nonce,
        max_priority_fee_per_gas: 3,
        ..sample("context.json")
    }
}
