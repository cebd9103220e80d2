//! A store that lasts as long as its process.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
};

use zkmargin_circuits::model::{HexBytes, Policy, Time};

use super::{
    AccountId, AccountState, Claim, Known, Ledger, LedgerError, Receipt, Registry, RegistryError,
    StorageError,
    rules::{self, Facts},
};
use crate::{Health, Liveness};

/// Registry and ledger in memory: for tests, and for services that keep their accounts elsewhere. Every call holds one lock.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Tables>);

/// The same tables as the database's.
#[derive(Debug, Default)]
struct Tables {
    accounts: HashMap<AccountId, AccountState>,
    /// Every commitment that any account ever had.
    states: HashMap<HexBytes<32>, (AccountId, u64)>,
    consumed: HashMap<(AccountId, HexBytes<32>), Receipt>,
    nonces: HashMap<(HexBytes<20>, u64), u64>,
    snapshots: HashMap<HexBytes<32>, u64>,
}

impl MemoryStore {
    /// A store without accounts.
    pub fn new() -> Self {
        Self::default()
    }

    fn tables(&self) -> Result<MutexGuard<'_, Tables>, StorageError> {
        self.0.lock().map_err(|_| StorageError::Poisoned)
    }
}

impl Tables {
    fn known(&self, commitment: HexBytes<32>) -> Option<Known> {
        let &(account, sequence) = self.states.get(&commitment)?;
        let state = self.accounts.get(&account);
        Some(Known {
            account,
            sequence,
            current: state.is_some_and(|state| state.commitment == commitment),
        })
    }

    fn put(&mut self, id: AccountId, state: &AccountState) {
        self.states.insert(state.commitment, (id, state.sequence));
        self.accounts.insert(id, state.clone());
    }
}

impl Registry for MemoryStore {
    fn account(&self, id: AccountId) -> Result<Option<AccountState>, StorageError> {
        Ok(self.tables()?.accounts.get(&id).cloned())
    }

    fn account_of(&self, commitment: HexBytes<32>) -> Result<Option<Known>, StorageError> {
        Ok(self.tables()?.known(commitment))
    }

    fn open(
        &self,
        id: AccountId,
        commitment: HexBytes<32>,
        sequence: u64,
        policy: &Policy,
        at: Time,
    ) -> Result<AccountState, RegistryError> {
        let mut tables = self.tables()?;
        let facts = (tables.accounts.get(&id), tables.known(commitment));
        let state = rules::open(id, commitment, sequence, (policy, at), facts)?;
        tables.put(id, &state);
        Ok(state)
    }

    fn recommit(
        &self,
        id: AccountId,
        commitment: HexBytes<32>,
        sequence: u64,
    ) -> Result<AccountState, RegistryError> {
        let mut tables = self.tables()?;
        let facts = (tables.accounts.get(&id).cloned(), tables.known(commitment));
        let state = rules::recommit(id, commitment, sequence, facts)?;
        tables.put(id, &state);
        Ok(state)
    }

    fn change_policy(
        &self,
        id: AccountId,
        policy: &Policy,
        at: Time,
    ) -> Result<AccountState, RegistryError> {
        let mut tables = self.tables()?;
        let account = tables.accounts.get(&id).cloned();
        let state = rules::change_policy(id, policy, at, account)?;
        tables.put(id, &state);
        Ok(state)
    }

    fn beat(&self, id: AccountId, health: &Health, now: Time) -> Result<Liveness, RegistryError> {
        let mut tables = self.tables()?;
        let account = tables.accounts.get(&id).cloned();
        let last = tables.snapshots.get(&health.policy).copied();
        let (state, liveness) = rules::beat(id, health, now, (account, last))?;
        tables.put(id, &state);
        let sequence = health.snapshot_sequence;
        tables.snapshots.insert(health.policy, sequence);
        Ok(liveness)
    }

    fn liveness(&self, id: AccountId, now: Time) -> Result<Liveness, RegistryError> {
        rules::liveness(id, now, self.tables()?.accounts.get(&id))
    }
}

impl Ledger for MemoryStore {
    fn consume(&self, claim: &Claim, now: Time) -> Result<Receipt, LedgerError> {
        let mut tables = self.tables()?;
        let key = (claim.account, claim.commitment);
        let nonce = (claim.liquidator, claim.nonce);
        let facts = Facts {
            account: tables.accounts.get(&claim.account),
            known: tables.known(claim.commitment),
            consumed: tables.consumed.get(&key),
            nonce_used: tables.nonces.contains_key(&nonce),
            last_sequence: tables.snapshots.get(&claim.policy).copied(),
        };
        rules::consume(claim, now, &facts)?;
        let receipt = Receipt {
            number: tables.consumed.len() as u64 + 1,
            claim: claim.clone(),
            at: now,
        };
        tables.nonces.insert(nonce, receipt.number);
        let sequence = claim.snapshot_sequence;
        tables.snapshots.insert(claim.policy, sequence);
        tables.consumed.insert(key, receipt.clone());
        Ok(receipt)
    }

    fn consumed(
        &self,
        id: AccountId,
        commitment: HexBytes<32>,
    ) -> Result<Option<Receipt>, StorageError> {
        Ok(self.tables()?.consumed.get(&(id, commitment)).cloned())
    }

    fn nonce_used(&self, liquidator: HexBytes<20>, nonce: u64) -> Result<bool, StorageError> {
        let tables = self.tables()?;
        Ok(tables.nonces.contains_key(&(liquidator, nonce)))
    }

    fn last_sequence(&self, policy: HexBytes<32>) -> Result<Option<u64>, StorageError> {
        Ok(self.tables()?.snapshots.get(&policy).copied())
    }

    fn advance(&self, policy: HexBytes<32>, sequence: u64) -> Result<(), LedgerError> {
        let mut tables = self.tables()?;
        let last = tables.snapshots.get(&policy).copied();
        rules::advance(policy, sequence, last)?;
        tables.snapshots.insert(policy, sequence);
        Ok(())
    }
}
