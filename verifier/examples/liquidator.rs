//! A liquidator's service: watches a folder for market snapshots and proofs, and acts on what pays. `docs/service.md` walks
//! through it. `cargo run --release -p zkmargin-verifier --example liquidator -- FOLDER [TIME]`; with a time it looks once.

use std::{collections::BTreeMap, ffi::OsStr, fs, io, path::Path, path::PathBuf, thread, time};

use zkmargin_circuits::model::{Context, HexBytes, LoadError, Money, Policy, Snapshot, Time};
use zkmargin_circuits::{model::read_bounded, model::read_json, public::PublicTable};
use zkmargin_verifier::registry::{AccountId, Ledger, Registry, SqliteStore};
use zkmargin_verifier::{Costs, Verifier, VerifyingKey, key::MAX_KEY_BYTES, oracle};
use zkmargin_verifier::{MAX_PROOF_FILE_BYTES, ProofFile, Rejection};

/// `service.json`: who the service is, for whom, and what a liquidation costs.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    chain_id: u64,
    verifier: HexBytes<20>,
    liquidator: HexBytes<20>,
    costs: Costs,
}

/// A file of `accounts/`: an account's state of the day, as its venue says.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    account: AccountId,
    commitment: HexBytes<32>,
    sequence: u64,
}

/// Why a file is passed over, or the service cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// It is not what it should be, or cannot be written.
    #[error("{0}: {1}")]
    File(PathBuf, String),
    /// The proof is refused, or the registry fails.
    #[error(transparent)]
    Rejected(#[from] Rejection),
}

/// A file at fault.
fn fault<E: ToString>(path: &Path) -> impl FnOnce(E) -> Failure {
    |error| Failure::File(path.to_owned(), error.to_string())
}

/// Public tables' digests, each with its market.
type Markets = BTreeMap<[u8; 32], Snapshot>;

/// The service over one folder.
pub struct Service {
    folder: PathBuf,
    config: Config,
    policy: Policy,
    verifier: Verifier,
    ledger: SqliteStore,
    /// The last words about a file, and whether they are final.
    said: BTreeMap<PathBuf, (bool, String)>,
}

impl Service {
    /// Reads settings, policy and trusted keys; opens the ledger.
    pub fn open(folder: &Path) -> Result<Self, Failure> {
        let config: Config = read_json(&folder.join("service.json"))?;
        let mut keys = Vec::new();
        for path in files(folder, "keys", "vk")? {
            let key = VerifyingKey::from_bytes(&read_bounded(&path, MAX_KEY_BYTES)?);
            keys.push(key.map_err(fault(&path))?);
        }
        let verifier = Verifier::new(config.chain_id, config.verifier, keys);
        Ok(Self {
            verifier: verifier.serving(config.liquidator),
            policy: read_json(&folder.join("policy.json"))?,
            ledger: SqliteStore::open(&folder.join("ledger.sqlite")).map_err(Rejection::from)?,
            folder: folder.to_owned(),
            config,
            said: BTreeMap::new(),
        })
    }

    /// One look at everything. A file that is at fault is told of and passed over.
    pub fn pass(&mut self, now: Time) -> Result<(), Failure> {
        for path in files(&self.folder, "accounts", "json")? {
            let answer = self.register(&path, now);
            self.say(path, answer);
        }
        let mut markets = Markets::new();
        for path in files(&self.folder, "snapshots", "json")? {
            let answer = self.market(&path, &mut markets, now);
            self.say(path, answer);
        }
        for path in files(&self.folder, "proofs", "json")? {
            if !self.said.get(&path).is_some_and(|(done, _)| *done) {
                let answer = self.proof(&path, &markets, now);
                self.say(path, answer);
            }
        }
        Ok(())
    }

    fn say(&mut self, path: PathBuf, answer: Result<(bool, String), Failure>) {
        let done = |why: &_| matches!(why, Failure::Rejected(reason) if !reason.may_pass());
        let words = answer.unwrap_or_else(|failure| (done(&failure), failure.to_string()));
        if self.said.get(&path) != Some(&words) {
            println!("{}: {}", path.display(), words.1);
            self.said.insert(path, words);
        }
    }

    /// Opens an account, or takes its next state.
    fn register(&self, path: &Path, now: Time) -> Result<(bool, String), Failure> {
        let new: State = read_json(path)?;
        let (ledger, id) = (&self.ledger, new.account);
        let answer = match ledger.account(id).map_err(Rejection::from)? {
            None => ledger.open(id, new.commitment, new.sequence, &self.policy, now),
            Some(known) if known.commitment == new.commitment => Ok(known),
            Some(_) => ledger.recommit(id, new.commitment, new.sequence),
        };
        let state = answer.map_err(Rejection::from)?;
        Ok((false, format!("account {id} at {}", state.sequence)))
    }

    /// Takes a market in: of several copies of one, one that the oracles vouch for. That is checked again with each proof.
    fn market(&self, path: &Path, all: &mut Markets, now: Time) -> Result<(bool, String), Failure> {
        let (snapshot, policy): (Snapshot, _) = (read_json(path)?, &self.policy);
        let table = PublicTable::new(&snapshot, policy).map_err(fault(path))?;
        let last = self.ledger.last_sequence(HexBytes(policy.digest()));
        let last = last.map_err(Rejection::from)?;
        let words = format!("snapshot {} of {}", snapshot.sequence, snapshot.time);
        let good = oracle::check(&snapshot, policy, &table, now, last).is_ok();
        if good || !all.contains_key(&table.digest()) {
            all.insert(table.digest(), snapshot);
        }
        Ok((false, words))
    }

    /// Checks a proof, and acts if it pays: P = repay x (1 + incentive) - gas - slippage.
    fn proof(&self, path: &Path, all: &Markets, now: Time) -> Result<(bool, String), Failure> {
        let (ledger, verifier, policy) = (&self.ledger, &self.verifier, &self.policy);
        let proof = ProofFile::from_bytes(&read_bounded(path, MAX_PROOF_FILE_BYTES)?);
        let proof = proof.map_err(fault(path))?;
        let name = path.file_name().unwrap_or_default();
        let context: Context = read_json(&self.folder.join("contexts").join(name))?;
        let costs = &self.config.costs;
        let spent = verifier.receipt(&proof, &context, ledger)?;
        let receipt = match (spent, all.get(&proof.table.0)) {
            (Some(receipt), _) => receipt, // Spent by us before: the service may have ended before it acted.
            (None, None) => return Ok((false, "waits for its snapshot".into())),
            (None, Some(market)) => {
                let found = verifier.check(&proof, market, policy, &context, ledger, now)?;
                let payoff = costs.payoff(&found.terms).unwrap_or_default();
                if payoff <= Money::ZERO {
                    return Ok((true, format!("eligible, passed over: payoff {payoff}")));
                }
                verifier.consume(&found, &context, ledger, now)?
            }
        };
        let payoff = costs.payoff(&receipt.claim.terms).unwrap_or_default();
        // What is done is a file, for whoever trades: whole or not at all, and one for what was spent, whatever spent it.
        let (claim, folder) = (&receipt.claim, self.folder.join("actions"));
        let target = folder.join(format!("{}-{}.json", claim.account, claim.sequence));
        let action = serde_json::json!({ "payoff": payoff, "receipt": receipt });
        let written = tempfile::NamedTempFile::new_in(folder).and_then(|new| {
            serde_json::to_writer(&new, &action)?;
            new.as_file().sync_all()?;
            Ok(new.persist_noclobber(&target)?)
        });
        match written {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => Err(fault(&target)(e)),
            _ => Ok((true, format!("liquidated: payoff {payoff}"))),
        }
    }
}

/// The files in a part of the folder that end so, in the order of their names.
fn files(folder: &Path, part: &str, extension: &str) -> Result<Vec<PathBuf>, Failure> {
    let folder = folder.join(part);
    let paths = fs::read_dir(&folder).and_then(|all| all.map(|e| e.map(|e| e.path())).collect());
    let mut paths: Vec<PathBuf> = paths.map_err(fault(&folder))?;
    paths.retain(|path| path.extension() == Some(OsStr::new(extension)));
    paths.sort();
    Ok(paths)
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let usage = || Failure::File("usage".into(), "liquidator FOLDER [TIME]".into());
    let mut service = Service::open(Path::new(arguments.first().ok_or_else(usage)?))?;
    if let Some(time) = arguments.get(1) {
        return service.pass(time.parse().map_err(|_| usage())?);
    }
    loop {
        service.pass(Time::now())?;
        thread::sleep(time::Duration::from_millis(500));
    }
}
