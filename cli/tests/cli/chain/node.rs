//! A real node for one test: anvil on a free port of this machine, and the venue's account on it.

use std::{
    future::Future,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use alloy::{
    primitives::{Address, Bytes, U256},
    providers::{Provider, RootProvider},
    rpc::types::{Filter, TransactionReceipt, TransactionRequest},
};
use alloy_sol_types::{SolCall, SolEvent};
use serde_json::Value;
use tokio::runtime::Runtime;

/// The chain's id: none that anybody else has.
pub const CHAIN_ID: u64 = 31_337_017;

/// How long a command may take to send a transaction.
const PATIENCE: Duration = Duration::from_secs(60);

/// Anvil and a client. Gone when dropped, and when the test's process is gone, however it ended.
pub struct Node {
    guard: Child,
    runtime: Runtime,
    provider: RootProvider,
    pub url: String,
    /// Owner of the contracts, with ether.
    pub venue: Address,
}

/// The pinned program, or the one that `ANVIL` names.
fn program() -> PathBuf {
    if let Some(named) = std::env::var_os("ANVIL") {
        return named.into();
    }
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../contracts/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil")
}

impl Node {
    /// A chain whose first block is at this time, Unix seconds.
    pub fn start(time: i64) -> Self {
        let program = program();
        assert!(
            program.is_file(),
            "{}: see contracts/test.sh",
            program.display()
        );
        // The shell ends the node once its own input ends: as `guard` is dropped, or as this process dies.
        let script = r#""$0" "$@" & node=$!; read -r _; kill $node; wait $node"#;
        let mut guard = Command::new("sh")
            .args(["-c", script])
            .arg(program)
            .args(["--host", "127.0.0.1", "--port", "0", "--accounts", "1"])
            .args(["--chain-id", &CHAIN_ID.to_string()])
            .args(["--timestamp", &time.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let mut lines = BufReader::new(guard.stdout.take().expect("piped")).lines();
        let listening = lines
            .by_ref()
            .map(|line| line.expect("text"))
            .find_map(|line| line.strip_prefix("Listening on ").map(str::to_owned))
            .expect("anvil listens");
        // What it says later is read, or it would wait for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        let url = format!("http://{listening}");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        // The client asks for one even where it uses none.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let entered = runtime.enter();
        let provider = RootProvider::new_http(url.parse().expect("a URL"));
        drop(entered);
        let accounts = runtime.block_on(provider.get_accounts());
        let venue = accounts.expect("accounts")[0];
        Self {
            guard,
            runtime,
            provider,
            url,
            venue,
        }
    }

    fn ask<T, E: std::fmt::Debug>(&self, question: impl IntoFuture<Output = Result<T, E>>) -> T {
        let question = question.into_future();
        self.runtime.block_on(question).expect("the node's answer")
    }

    /// The venue sends a transaction, which goes through.
    fn transact(&self, request: TransactionRequest) -> TransactionReceipt {
        let sent: std::pin::Pin<Box<dyn Future<Output = _>>> = Box::pin(async {
            self.provider
                .send_transaction(request)
                .await?
                .get_receipt()
                .await
        });
        let receipt: TransactionReceipt = self.ask(sent);
        assert!(receipt.status(), "{receipt:?}");
        receipt
    }

    /// Deploys a contract.
    pub fn deploy(&self, code: Vec<u8>) -> Address {
        let request = TransactionRequest::default()
            .from(self.venue)
            .input(Bytes::from(code).into());
        let receipt = self.transact(TransactionRequest {
            to: Some(alloy::primitives::TxKind::Create),
            ..request
        });
        receipt.contract_address.expect("a contract")
    }

    /// Calls a contract as the venue.
    pub fn call(&self, to: Address, call: &impl SolCall) {
        let data = Bytes::from(call.abi_encode());
        let request = TransactionRequest::default().from(self.venue).to(to);
        self.transact(request.input(data.into()));
    }

    /// Asks for what only a test node does.
    fn tell(&self, method: &'static str, argument: Option<Value>) {
        let arguments: Vec<Value> = argument.into_iter().collect();
        let raw = self.provider.raw_request(method.into(), arguments);
        self.ask::<Value, _>(raw);
    }

    /// Blocks are made by [`mine`](Self::mine) alone, or again for every transaction.
    pub fn mine_by_hand(&self, by_hand: bool) {
        self.tell("evm_setAutomine", Some((!by_hand).into()));
    }

    /// Makes a block at this time, Unix seconds; the next ones follow it.
    pub fn go_on_to(&self, time: i64) {
        self.tell("evm_setNextBlockTimestamp", Some(time.into()));
        self.mine();
    }

    /// Makes a block.
    pub fn mine(&self) {
        self.tell("evm_mine", None);
    }

    /// Waits until the node has so many transactions of an account, in blocks or not.
    pub fn wait_for_pending(&self, of: Address, count: u64) {
        let start = Instant::now();
        while self.ask(self.provider.get_transaction_count(of).pending()) < count {
            assert!(start.elapsed() < PATIENCE, "nothing is sent");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Calls a contract as the venue, in the next block's first transaction.
    pub fn overtake(&self, to: Address, call: &impl SolCall) {
        let data = Bytes::from(call.abi_encode());
        let request = TransactionRequest::default().from(self.venue).to(to);
        let request = request
            .input(data.into())
            .gas_limit(1_000_000)
            .max_fee_per_gas(100_000_000_000)
            .max_priority_fee_per_gas(50_000_000_000);
        // Its receipt comes with the block.
        let _ = self.ask(self.provider.send_transaction(request));
    }

    /// Gives 10 ether.
    pub fn fund(&self, to: Address) {
        let ether = U256::from(10).pow(U256::from(19));
        let request = TransactionRequest::default().from(self.venue).to(to);
        self.transact(request.value(ether));
    }

    /// What a function answers.
    pub fn read<C: SolCall>(&self, to: Address, call: &C) -> C::Return {
        let data = Bytes::from(call.abi_encode());
        let request = TransactionRequest::default().to(to).input(data.into());
        let answer = self.ask(self.provider.call(request));
        C::abi_decode_returns(&answer).expect("an answer")
    }

    /// The events of a kind that a contract has ever emitted.
    pub fn events<E: SolEvent>(&self, from: Address) -> Vec<E> {
        let filter = Filter::new()
            .address(from)
            .event_signature(E::SIGNATURE_HASH);
        let logs = self.ask(self.provider.get_logs(&filter.from_block(0)));
        let events = logs.iter().map(|log| E::decode_log(&log.inner));
        events.map(|event| event.expect("an event").data).collect()
    }

    /// Transactions that an account has sent.
    pub fn sent(&self, by: Address) -> u64 {
        self.ask(self.provider.get_transaction_count(by))
    }

    /// Wei of a block's base fee.
    pub fn base_fee(&self, block: u64) -> u128 {
        let block = self.ask(self.provider.get_block_by_number(block.into()));
        let header = block.expect("a block").header;
        header.base_fee_per_gas.expect("a base fee").into()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        // A failure to wait has nowhere to go.
        let _ = self.guard.wait();
    }
}
