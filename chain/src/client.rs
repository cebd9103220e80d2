//! A registry on a chain, as one sender sees it.

use std::time::{Duration, Instant};

use alloy::{
    eips::{BlockId, Encodable2718},
    network::{EthereumWallet, NetworkTransactionBuilder, TransactionBuilder},
    primitives::{Address, B256, Bytes},
    providers::Provider,
    rpc::types::{TransactionReceipt, TransactionRequest},
    signers::local::PrivateKeySigner,
};
use alloy_sol_types::SolCall;
use zkmargin_circuits::model::HexBytes;
use zkmargin_contracts::IMarginRegistry;
use zkmargin_verifier::oracle::OracleKey;

use crate::{Call, ChainError, Event, Mined, fees, node::Node};

/// First pause between two looks for a receipt; each is twice the one before, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// Longest pause between two looks for a receipt.
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// One node and one registry.
pub struct Client {
    node: Node,
    registry: Address,
    chain_id: u64,
}

/// A call that the node would let through as things stand, with its fees and its gas.
#[derive(Debug, Clone)]
pub struct Ready {
    request: TransactionRequest,
    event: Option<&'static str>,
}

impl Client {
    /// Connects to a node (an `http` or `https` URL) and looks for the registry.
    ///
    /// # Errors
    /// [`ChainError::Url`], [`ChainError::NoContract`], and those of a node that does not answer.
    pub fn connect(url: &str, registry: HexBytes<20>) -> Result<Self, ChainError> {
        let node = Node::new(url)?;
        let registry = Address::from(registry.0);
        let chain_id = node.ask("eth_chainId", node.provider.get_chain_id())?;
        let code = node.ask("eth_getCode", node.provider.get_code_at(registry))?;
        if code.is_empty() {
            return Err(ChainError::NoContract(registry));
        }
        Ok(Self {
            node,
            registry,
            chain_id,
        })
    }

    /// The chain's EIP-155 id.
    pub const fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// The registry's state of an account; all zero of one that is not open.
    ///
    /// # Errors
    /// [`ChainError::NoRegistry`], and those of a node that does not answer.
    pub fn account(&self, account: HexBytes<32>) -> Result<IMarginRegistry::Account, ChainError> {
        let call = IMarginRegistry::accountOfCall {
            account: account.0.into(),
        };
        let request = self.request(call.abi_encode().into());
        let answer = match self.node.ask("eth_call", self.node.provider.call(request)) {
            Err(ChainError::Reverted(_)) => return Err(ChainError::NoRegistry(self.registry)),
            answer => answer?,
        };
        IMarginRegistry::accountOfCall::abi_decode_returns(&answer)
            .map_err(|_| ChainError::NoRegistry(self.registry))
    }

    fn request(&self, data: Bytes) -> TransactionRequest {
        TransactionRequest::default()
            .with_to(self.registry)
            .with_input(data)
    }

    /// Tries a call on the node as this sender, who pays at most `most_priority_fee` wei of gas above the base fee. Nothing is sent.
    ///
    /// # Errors
    /// [`ChainError::Reverted`] if it would not go through, and those of a node that does not answer.
    pub fn ready(
        &self,
        call: &Call,
        sender: HexBytes<20>,
        most_priority_fee: u64,
    ) -> Result<Ready, ChainError> {
        let sender = Address::from(sender.0);
        let provider = &self.node.provider;
        let estimate = self
            .node
            .ask("eth_feeHistory", provider.estimate_eip1559_fees())?;
        let fees = fees::capped(estimate, most_priority_fee);
        let request = self
            .request(call.data.clone())
            .with_from(sender)
            .with_chain_id(self.chain_id)
            .with_max_fee_per_gas(fees.max_fee_per_gas)
            .with_max_priority_fee_per_gas(fees.max_priority_fee_per_gas);
        let gas = provider.estimate_gas(request.clone());
        let gas = self.node.ask("eth_estimateGas", gas)?;
        Ok(Ready {
            // What it needs may grow a little until it is in a block.
            request: request.with_gas_limit(gas.saturating_add(gas / 5)),
            event: call.event,
        })
    }

    /// Signs and sends a call that is ready, and waits until it is in a block.
    ///
    /// # Errors
    /// [`ChainError::Reverted`] if the chain has changed since, [`ChainError::Pending`] and [`ChainError::Unsure`] if it may still get into a
    /// block, [`ChainError::NoEvent`], and those of a node that does not answer.
    pub fn send(
        &self,
        ready: &Ready,
        key: &OracleKey,
        patience: Duration,
    ) -> Result<Mined, ChainError> {
        let signer = PrivateKeySigner::from_slice(key.expose_bytes().as_slice())
            .map_err(|error| ChainError::Key(error.to_string()))?;
        let provider = &self.node.provider;
        let count = provider.get_transaction_count(signer.address()).pending();
        let nonce = self.node.ask("eth_getTransactionCount", count)?;
        let request = ready.request.clone().with_nonce(nonce);
        let wallet = EthereumWallet::new(signer);
        let signed = self.node.wait(request.clone().build(&wallet));
        let signed = signed.map_err(|error| ChainError::Key(error.to_string()))?;
        let transaction = *signed.tx_hash();
        let bytes = signed.encoded_2718();
        let sent = self.node.ask(
            "eth_sendRawTransaction",
            provider.send_raw_transaction(&bytes),
        );
        match sent {
            Ok(_) => {}
            Err(error @ (ChainError::Unreachable { .. } | ChainError::Answer { .. })) => {
                let source = Box::new(error);
                return Err(ChainError::Unsure {
                    transaction,
                    source,
                });
            }
            Err(error) => return Err(error),
        }
        let receipt = self.receipt(transaction, patience)?;
        if !receipt.status() {
            return Err(self.why(&request, receipt.block_number));
        }
        self.mined(&receipt, ready.event)
    }

    /// Waits for a receipt. What the node says meanwhile changes nothing: the transaction is on its way.
    fn receipt(
        &self,
        transaction: B256,
        patience: Duration,
    ) -> Result<TransactionReceipt, ChainError> {
        let start = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            let receipt = self.node.provider.get_transaction_receipt(transaction);
            if let Ok(Some(receipt)) = self.node.ask("eth_getTransactionReceipt", receipt) {
                return Ok(receipt);
            }
            if start.elapsed() + pause > patience {
                return Err(ChainError::Pending {
                    transaction,
                    seconds: patience.as_secs(),
                });
            }
            self.node.wait(async { tokio::time::sleep(pause).await });
            pause = (2 * pause).min(LONGEST_PAUSE);
        }
    }

    /// Why a transaction in this block reverted: the same again, after it.
    fn why(&self, request: &TransactionRequest, block: Option<u64>) -> ChainError {
        let mut again = request.clone();
        again.nonce = None;
        let block = block.map_or_else(BlockId::latest, BlockId::number);
        let call = self.node.provider.call(again).block(block);
        match self.node.ask("eth_call", call) {
            Err(error) => error,
            Ok(data) => ChainError::Reverted(crate::Revert::Unknown(data)),
        }
    }

    fn mined(
        &self,
        receipt: &TransactionReceipt,
        expected: Option<&'static str>,
    ) -> Result<Mined, ChainError> {
        let events = receipt.inner.logs().iter();
        let event = events
            .filter_map(|log| Event::of(&log.inner, self.registry))
            .find(|event| expected.is_none_or(|name| name == event.name()));
        let transaction = receipt.transaction_hash;
        if let (None, Some(event)) = (&event, expected) {
            return Err(ChainError::NoEvent {
                transaction,
                event,
                registry: self.registry,
            });
        }
        Ok(Mined {
            transaction,
            block: receipt.block_number.unwrap_or_default(),
            gas: receipt.gas_used,
            gas_price: receipt.effective_gas_price,
            event,
        })
    }
}
