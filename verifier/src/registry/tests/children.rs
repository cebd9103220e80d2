//! Other processes that use the same database: this test binary again, with orders in its environment.
//!
//! A child opens the database and says `ready`; then it does what each line of its input says, and tells what came of it *after*
//! the call has returned.

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};
use zkmargin_circuits::model::{HexBytes, Time};

use super::{
    super::{AccountId, Claim, Ledger, LedgerError, Registry, RegistryError, SqliteStore},
    support::{after, claim_on, commitment, liquidator, policy},
};

/// The environment variable with the database's path.
const DATABASE: &str = "ZKMARGIN_LEDGER_CHILD";

/// What a child is to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Order {
    /// At this time, in microseconds since 1970, to spend the claim.
    Consume {
        /// All start together.
        start: u64,
        /// The claim.
        claim: Box<Claim>,
    },
    /// To open accounts, spend and change them until it is killed. Shared accounts are spent by all children in the same order.
    Work {
        /// The child's number, its liquidator's too.
        child: u8,
        /// Number of the kill: each has accounts of its own.
        round: u8,
    },
}

/// What a child says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Said {
    /// It has opened the database.
    Ready,
    /// It got the receipt of this number for the account's commitment.
    Spent {
        account: AccountId,
        commitment: HexBytes<32>,
        number: u64,
    },
    /// It found the account's commitment spent.
    Lost {
        account: AccountId,
        by: HexBytes<20>,
        nonce: u64,
    },
    /// The account has changed meanwhile.
    Late(String),
    /// The account has this state by its change.
    Changed {
        account: AccountId,
        commitment: HexBytes<32>,
        sequence: u64,
    },
    /// A call failed in a way that no child expects.
    Failed(String),
}

/// A child that runs.
pub struct Running {
    child: Child,
    orders: Option<ChildStdin>,
    said: Receiver<Said>,
}

impl Running {
    /// Starts a child on the database.
    pub fn start(database: &Path) -> Self {
        let program = std::env::current_exe().expect("this program");
        let mut child = Command::new(program)
            .args(["--exact", "registry::tests::children::child", "--nocapture"])
            .env(DATABASE, database)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("starts");
        let lines = BufReader::new(child.stdout.take().expect("piped"));
        let (say, said) = channel();
        // A child must never wait for its reader.
        thread::spawn(move || {
            lines
                .split(b'\n')
                .try_for_each(|line| heard(&line.ok()?, &say))
        });
        Self {
            orders: child.stdin.take(),
            child,
            said,
        }
    }

    /// Tells the child what to do. A child that has ended hears nothing.
    pub fn order(&mut self, order: &Order) {
        let line = serde_json::to_string(order).expect("text");
        if let Some(orders) = &mut self.orders {
            let _ = writeln!(orders, "{line}");
        }
    }

    /// What the child says next; `None` when it has ended.
    pub fn next(&self) -> Option<Said> {
        self.said.recv().ok()
    }

    /// Ends the child at once, by SIGKILL.
    pub fn kill(&mut self) {
        self.child.kill().expect("is killed");
    }

    /// What the child has said and nobody has heard; waits for its end.
    pub fn rest(mut self) -> Vec<Said> {
        drop(self.orders.take());
        self.child.wait().expect("has ended");
        self.said.iter().collect()
    }
}

/// Begins and ends what children say: the test harness says things too, and of a child that is killed a line may be torn.
const MARKS: (&str, &str) = ("said: ", " .");

fn say(said: &Said) {
    let text = serde_json::to_string(said).expect("text");
    // The harness leaves its line open.
    println!("\n{}{text}{}", MARKS.0, MARKS.1);
}

fn heard(line: &[u8], say: &Sender<Said>) -> Option<()> {
    let text = std::str::from_utf8(line).expect("text");
    let said = text
        .strip_prefix(MARKS.0)
        .and_then(|text| text.strip_suffix(MARKS.1));
    match said {
        Some(said) => say
            .send(serde_json::from_str(said).expect("what children say"))
            .ok(),
        None => Some(()),
    }
}

/// The children's entry. In the test run itself there are no orders, and nothing to do.
#[test]
fn child() {
    let Some(database) = std::env::var_os(DATABASE) else {
        return;
    };
    let store = SqliteStore::open(&PathBuf::from(database)).expect("a ledger");
    say(&Said::Ready);
    for line in std::io::stdin().lines() {
        let order = serde_json::from_str(&line.expect("text")).expect("an order");
        match order {
            Order::Consume { start, claim } => {
                let start = SystemTime::UNIX_EPOCH + Duration::from_micros(start);
                if let Ok(wait) = start.duration_since(SystemTime::now()) {
                    thread::sleep(wait);
                }
                say(&consume(&store, &claim, after(20)));
            }
            Order::Work { child, round } => work(&store, child, round),
        }
    }
}

fn consume(store: &SqliteStore, claim: &Claim, now: Time) -> Said {
    let (account, commitment) = (claim.account, claim.commitment);
    match store.consume(claim, now) {
        Ok(receipt) => Said::Spent {
            account,
            commitment,
            number: receipt.number,
        },
        Err(LedgerError::Consumed {
            liquidator, nonce, ..
        }) => Said::Lost {
            account,
            by: liquidator,
            nonce,
        },
        Err(error @ LedgerError::Superseded { .. }) => Said::Late(error.to_string()),
        Err(error) => Said::Failed(error.to_string()),
    }
}

/// The owner of the account that all children of a round work on.
pub const SHARED: u8 = 255;

/// The account of this owner in this round.
pub fn account_in(round: u8, owner: u8) -> AccountId {
    let mut bytes = [owner; 32];
    bytes[0] = round;
    AccountId(HexBytes(bytes))
}

/// The commitment of the account's state of this sequence.
pub fn state_in(round: u8, owner: u8, sequence: u64) -> HexBytes<32> {
    commitment((u64::from(round) << 56) | (u64::from(owner) << 48) | sequence)
}

/// Without an end: spends the state of the day of its own account and of the shared one, and changes both.
fn work(store: &SqliteStore, child: u8, round: u8) {
    let rules = policy(false);
    for step in 0u64.. {
        for owner in [SHARED, child] {
            let account = account_in(round, owner);
            let before = store.account(account).expect("storage");
            let sequence = before.map_or(0, |state| state.sequence + 1);
            let commitment = state_in(round, owner, sequence);
            let changed = match sequence {
                0 => store.open(account, commitment, sequence, &rules, after(0)),
                _ => store.recommit(account, commitment, sequence),
            };
            match changed {
                Ok(_) => say(&Said::Changed {
                    account,
                    commitment,
                    sequence,
                }),
                // Another child was faster.
                Err(RegistryError::AccountExists(_) | RegistryError::Sequence { .. })
                    if owner == SHARED => {}
                Err(error) => say(&Said::Failed(error.to_string())),
            }
            let state = store.account(account).expect("storage").expect("is open");
            let nonce = (u64::from(round) << 48) | (step << 8) | u64::from(owner);
            let claim = claim_on(account, &state, (liquidator(child), nonce));
            say(&consume(store, &claim, after(20)));
        }
    }
}
