//! What a call reverted with.

use std::fmt;

use alloy::primitives::{Address, B256, Bytes, U256, hex};
use alloy_sol_types::{Panic, Revert as Words, SolError, SolInterface};
use zkmargin_contracts::IMarginRegistry::{self, IMarginRegistryErrors as Error};

/// Of OpenZeppelin's ECDSA, which the registry recovers signers with.
#[allow(missing_docs)]
mod library {
    alloy_sol_types::sol! {
        interface Ecdsa {
            error ECDSAInvalidSignature();
            error ECDSAInvalidSignatureLength(uint256 length);
            error ECDSAInvalidSignatureS(bytes32 s);
        }
    }
}

use library::Ecdsa::{self, EcdsaErrors};

/// Why the contract refuses a call.
#[derive(Clone)]
#[non_exhaustive]
pub enum Revert {
    /// The registry's own error.
    Registry(Error),
    /// Of a signature that is malformed.
    Signature(EcdsaErrors),
    /// A text.
    Words(String),
    /// Solidity's own: the code of what went wrong, as 0x11 for an overflow.
    Panic(U256),
    /// Nothing that the registry reverts with.
    Unknown(Bytes),
}

impl Revert {
    /// Decodes what a call returned as it reverted.
    pub fn decode(data: &[u8]) -> Self {
        if let Ok(error) = Error::abi_decode(data) {
            return Self::Registry(error);
        }
        if let Ok(error) = EcdsaErrors::abi_decode(data) {
            return Self::Signature(error);
        }
        if let Ok(words) = Words::abi_decode(data) {
            return Self::Words(words.reason);
        }
        match Panic::abi_decode(data) {
            Ok(panic) => Self::Panic(panic.code),
            Err(_) => Self::Unknown(Bytes::copy_from_slice(data)),
        }
    }

    /// The error's name in the contract; `Error` of a text and `Panic` as Solidity names them, `Unknown` of what is neither.
    pub fn name(&self) -> &'static str {
        self.parts().0
    }

    /// The error's arguments by name, in the contract's order. Numbers are decimal, all else is hexadecimal.
    pub fn arguments(&self) -> Vec<(&'static str, String)> {
        self.parts().1
    }

    fn parts(&self) -> Parts {
        match self {
            Self::Registry(error) => registry(error),
            Self::Signature(error) => match error {
                EcdsaErrors::ECDSAInvalidSignature(_) => ("ECDSAInvalidSignature", Vec::new()),
                EcdsaErrors::ECDSAInvalidSignatureLength(Ecdsa::ECDSAInvalidSignatureLength {
                    length,
                }) => (
                    "ECDSAInvalidSignatureLength",
                    vec![("length", length.shown())],
                ),
                EcdsaErrors::ECDSAInvalidSignatureS(Ecdsa::ECDSAInvalidSignatureS { s }) => {
                    ("ECDSAInvalidSignatureS", vec![("s", s.shown())])
                }
            },
            Self::Words(words) => ("Error", vec![("message", words.clone())]),
            Self::Panic(code) => ("Panic", vec![("code", format!("{code:#x}"))]),
            Self::Unknown(data) => ("Unknown", vec![("data", hex::encode_prefixed(data))]),
        }
    }
}

impl fmt::Display for Revert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, arguments) = self.parts();
        let arguments = arguments
            .iter()
            .map(|(name, value)| format!("{name}: {value}"));
        write!(f, "{name}({})", arguments.collect::<Vec<_>>().join(", "))
    }
}

impl fmt::Debug for Revert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

type Parts = (&'static str, Vec<(&'static str, String)>);

/// An argument as people read it.
trait Shown {
    fn shown(&self) -> String;
}

macro_rules! shown {
    ($($kind:ty),*) => {$(
        impl Shown for $kind {
            fn shown(&self) -> String {
                self.to_string()
            }
        }
    )*};
}
shown!(Address, B256, U256, u8, u32, u64);

impl Shown for IMarginRegistry::Statement {
    fn shown(&self) -> String {
        match self {
            Self::Liquidation => "liquidation".to_owned(),
            Self::Solvency => "solvency".to_owned(),
            _ => "none".to_owned(),
        }
    }
}

/// A match over all errors, by name, each with all its arguments: what the interface adds does not compile until it stands here.
macro_rules! registry_errors {
    ($($name:ident { $($argument:ident),* })*) => {
        fn registry(error: &Error) -> Parts {
            match error {$(
                Error::$name(IMarginRegistry::$name { $($argument),* }) => {
                    (stringify!($name), vec![$((stringify!($argument), $argument.shown())),*])
                }
            )*}
        }
    };
}

registry_errors! {
    NoContract { verifier }
    NoVerifier { statement, shape }
    Gas { available, needed }
    UnknownPolicy { policy }
    PolicyExists { policy }
    InvalidSigners {}
    InvalidSpan {}
    UnknownAccount { account }
    AccountExists { account }
    InvalidCommitment { commitment }
    Sequence { given, last }
    OtherMarket { given, posted }
    Future { time, latest }
    Stale { time, earliest }
    UnknownMarket { market }
    OtherRules { market }
    Threshold { given, needed }
    UnknownSigner { signer }
    SignerOrder { signer }
    Deadline { deadline }
    PriorityFee { paid, most }
    NonceUsed { nonce }
    Consumed { account }
    InvalidTerms {}
    InvalidRules { given, needed }
    ProofRejected {}
    NoHeartbeat { policy }
    Earlier { time, last }
    Alive { until }
    Stopped { account }
    NoMarkets { last }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contracts_errors_have_names_and_arguments() {
        let account = B256::with_last_byte(7);
        let revert = Revert::decode(&IMarginRegistry::Consumed { account }.abi_encode());
        assert_eq!(revert.name(), "Consumed");
        assert_eq!(revert.arguments(), [("account", account.to_string())]);
        let sequence = IMarginRegistry::Sequence { given: 3, last: 9 }.abi_encode();
        assert_eq!(
            Revert::decode(&sequence).to_string(),
            "Sequence(given: 3, last: 9)"
        );
        let none = IMarginRegistry::NoVerifier {
            statement: IMarginRegistry::Statement::Solvency,
            shape: 2,
        };
        assert_eq!(
            Revert::decode(&none.abi_encode()).to_string(),
            "NoVerifier(statement: solvency, shape: 2)"
        );
        let rejected = IMarginRegistry::ProofRejected {}.abi_encode();
        assert_eq!(Revert::decode(&rejected).to_string(), "ProofRejected()");
    }

    #[test]
    fn others_errors_are_told_apart() {
        let s = Ecdsa::ECDSAInvalidSignatureS { s: B256::ZERO }.abi_encode();
        assert_eq!(Revert::decode(&s).name(), "ECDSAInvalidSignatureS");
        let words = Words::from("no").abi_encode();
        assert_eq!(Revert::decode(&words).to_string(), "Error(message: no)");
        let panic = Panic {
            code: U256::from(0x11),
        }
        .abi_encode();
        assert_eq!(Revert::decode(&panic).to_string(), "Panic(code: 0x11)");
        assert_eq!(Revert::decode(&[]).to_string(), "Unknown(data: 0x)");
        // A selector of the registry's with nothing after it.
        let cut = &IMarginRegistry::Consumed::SELECTOR;
        assert_eq!(
            Revert::decode(cut).to_string(),
            format!("Unknown(data: {})", hex::encode_prefixed(cut))
        );
    }
}
