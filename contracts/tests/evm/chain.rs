//! A chain in this process.

use alloy_sol_types::{SolCall, SolError};
use revm::{
    Context, ExecuteCommitEvm, MainBuilder, MainContext,
    context::{
        TxEnv,
        result::{ExecutionResult, Output},
    },
    database::{CacheDB, EmptyDB},
    primitives::{Address, Bytes, Log, TxKind, U256, hardfork::SpecId},
    state::AccountInfo,
};

/// What a transaction did.
#[derive(Debug)]
pub struct Done {
    /// What it returned.
    pub output: Bytes,
    /// Gas paid for.
    pub gas: u64,
    /// Events.
    pub logs: Vec<Log>,
}

/// A chain with as much ether as anyone wants.
#[derive(Clone)]
pub struct Chain {
    db: CacheDB<EmptyDB>,
    /// EIP-155 id.
    pub id: u64,
    /// Seconds.
    pub time: u64,
    /// Wei above the base fee that transactions pay.
    pub priority_fee: u64,
    /// Gas of a transaction.
    pub gas: u64,
}

/// Wei.
const BASE_FEE: u64 = 7;

impl Chain {
    /// An empty chain.
    pub fn new(time: u64) -> Self {
        Self {
            db: CacheDB::default(),
            id: 1,
            time,
            priority_fee: 0,
            gas: 15_000_000,
        }
    }

    fn transact(&mut self, from: Address, kind: TxKind, data: Vec<u8>) -> ExecutionResult {
        let nonce = self
            .db
            .cache
            .accounts
            .get(&from)
            .map_or(0, |account| account.info.nonce);
        let info = AccountInfo {
            balance: U256::MAX >> 1,
            nonce,
            ..AccountInfo::default()
        };
        self.db.insert_account_info(from, info);
        let (id, time, gas) = (self.id, self.time, self.gas);
        let mut evm = Context::mainnet()
            .with_db(&mut self.db)
            .modify_cfg_chained(|cfg| {
                cfg.set_spec_and_mainnet_gas_params(SpecId::PRAGUE);
                cfg.chain_id = id;
            })
            .modify_block_chained(|block| {
                block.timestamp = U256::from(time);
                block.basefee = BASE_FEE;
                block.gas_limit = 60_000_000;
            })
            .build_mainnet();
        let tx = TxEnv::builder()
            .caller(from)
            .kind(kind)
            .data(data.into())
            .gas_limit(gas)
            .gas_price((BASE_FEE + self.priority_fee).into())
            .chain_id(Some(id))
            .nonce(nonce)
            .build()
            .expect("a transaction");
        evm.transact_commit(tx).expect("a valid transaction")
    }

    /// Deploys a contract: its address and the gas.
    pub fn deploy(&mut self, from: Address, init_code: Vec<u8>) -> (Address, u64) {
        match self.transact(from, TxKind::Create, init_code) {
            ExecutionResult::Success {
                gas,
                output: Output::Create(_, Some(address)),
                ..
            } => (address, gas.tx_gas_used()),
            other => panic!("not deployed: {other:?}"),
        }
    }

    /// Sends calldata: what it did, or what it reverted with; nothing where it halted.
    pub fn send(&mut self, from: Address, to: Address, data: Vec<u8>) -> Result<Done, Bytes> {
        match self.transact(from, TxKind::Call(to), data) {
            ExecutionResult::Success {
                gas, output, logs, ..
            } => Ok(Done {
                output: output.into_data(),
                gas: gas.tx_gas_used(),
                logs,
            }),
            ExecutionResult::Revert { output, .. } => Err(output),
            ExecutionResult::Halt { .. } => Err(Bytes::new()),
        }
    }

    /// Calls a function.
    pub fn call<C: SolCall>(
        &mut self,
        from: Address,
        to: Address,
        call: &C,
    ) -> Result<Done, Bytes> {
        self.send(from, to, call.abi_encode())
    }

    /// The result of a function.
    pub fn ask<C: SolCall>(&mut self, to: Address, call: &C) -> C::Return {
        let done = self.call(Address::ZERO, to, call).expect("an answer");
        C::abi_decode_returns(&done.output).expect("an answer")
    }
}

/// Is this the error that a call reverted with?
#[track_caller]
pub fn assert_error<E: SolError>(result: Result<Done, Bytes>) -> E {
    let output = result.expect_err("the call went through");
    E::abi_decode(&output).unwrap_or_else(|_| panic!("another error: {output}"))
}
