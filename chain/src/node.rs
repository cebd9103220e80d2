//! One node, asked one thing at a time.

use std::{error::Error as _, future::Future, time::Duration};

use alloy::{
    primitives::Bytes,
    providers::{RootProvider, network::Ethereum},
    rpc::{client::RpcClient, json_rpc::ErrorPayload},
    transports::{RpcError, TransportError, http::reqwest::Url},
};
use tokio::runtime::{Builder, Runtime};

use crate::{ChainError, Revert};

/// How long a node may take for one answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// JSON-RPC's code of a revert.
const REVERTED: i64 = 3;

pub(crate) struct Node {
    runtime: Runtime,
    pub(crate) provider: RootProvider<Ethereum>,
    url: Url,
}

impl Node {
    /// Nothing is asked yet.
    ///
    /// # Errors
    /// [`ChainError::Url`], [`ChainError::Runtime`].
    pub(crate) fn new(url: &str) -> Result<Self, ChainError> {
        let refuse = |reason: String| ChainError::Url { reason };
        let url: Url = url.parse().map_err(|error| refuse(format!("{error}")))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(refuse("expected http://... or https://...".to_owned()));
        }
        let runtime = Builder::new_current_thread().enable_all().build()?;
        // For https; if the program has chosen another, that one stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // The client starts tasks of its own.
        let guard = runtime.enter();
        let provider = RootProvider::new(RpcClient::new_http(url.clone()));
        drop(guard);
        Ok(Self {
            runtime,
            provider,
            url,
        })
    }

    /// Host and port.
    pub(crate) fn name(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port_or_known_default() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// Runs what takes time but asks nothing.
    pub(crate) fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// The node's answer.
    ///
    /// # Errors
    /// [`ChainError::Unreachable`], [`ChainError::Node`], [`ChainError::Answer`], [`ChainError::Reverted`].
    pub(crate) fn ask<T>(
        &self,
        method: &'static str,
        question: impl IntoFuture<Output = Result<T, TransportError>>,
    ) -> Result<T, ChainError> {
        let question = question.into_future();
        let answer = self
            .runtime
            .block_on(async { tokio::time::timeout(PATIENCE, question).await });
        match answer {
            Ok(answer) => answer.map_err(|error| self.refused(method, error)),
            Err(_) => Err(ChainError::Unreachable {
                node: self.name(),
                method,
                reason: format!("no answer within {} s", PATIENCE.as_secs()),
            }),
        }
    }

    fn refused(&self, method: &'static str, error: TransportError) -> ChainError {
        let node = self.name();
        match error {
            RpcError::ErrorResp(payload) => match reverted(&payload) {
                Some(data) => ChainError::Reverted(Revert::decode(&data)),
                None => ChainError::Node {
                    node,
                    method,
                    code: payload.code,
                    message: payload.message.into_owned(),
                },
            },
            RpcError::Transport(kind) => ChainError::Unreachable {
                node,
                method,
                reason: self.without_url(innermost(&kind)),
            },
            other => ChainError::Answer {
                node,
                method,
                reason: self.without_url(other.to_string()),
            },
        }
    }

    /// The words with the URL, in which a key to the node can stand, taken out.
    fn without_url(&self, words: String) -> String {
        let secret = [self.url.as_str(), self.url.path(), self.url.username()];
        let more = [self.url.query(), self.url.password()];
        let parts = secret.into_iter().chain(more.into_iter().flatten());
        parts
            .filter(|part| part.len() > 1)
            .fold(words, |words, part| words.replace(part, "(hidden)"))
    }
}

/// What a call returned as it reverted, if that is what the node says.
fn reverted(payload: &ErrorPayload) -> Option<Bytes> {
    let says = payload.code == REVERTED || payload.message.contains("revert");
    says.then(|| payload.as_revert_data().unwrap_or_default())
}

/// The last cause: those above it repeat the URL.
fn innermost(error: &alloy::transports::TransportErrorKind) -> String {
    let mut last = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        last = error.to_string();
        cause = error.source();
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_of_nodes() {
        for (url, words) in [
            ("", "relative URL without a base"),
            ("127.0.0.1:8545", "relative URL without a base"),
            ("ws://127.0.0.1:8545", "expected http://"),
            ("file:///tmp/geth.ipc", "expected http://"),
        ] {
            let error = Node::new(url).err().expect("no URL of a node").to_string();
            assert!(error.contains(words), "{url}: {error}");
        }
    }

    #[test]
    fn what_stands_behind_the_host_is_never_repeated() {
        let node = Node::new("https://me:pass@node.example:9/v2/s3cret?key=t0ken").expect("a URL");
        assert_eq!(node.name(), "node.example:9");
        let words = format!("for ({}): /v2/s3cret, key=t0ken, me, pass", node.url);
        let words = node.without_url(words);
        for secret in ["s3cret", "t0ken", "pass"] {
            assert!(!words.contains(secret), "{words}");
        }
    }

    #[test]
    fn a_node_that_is_not_there_is_named() {
        // A port that nobody listens on: it was free a moment ago.
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = free.local_addr().expect("an address");
        drop(free);
        let node = Node::new(&format!("http://{address}/s3cret")).expect("a URL");
        let provider = &node.provider;
        use alloy::providers::Provider;
        let error = node.ask("eth_chainId", provider.get_chain_id());
        let error = error.expect_err("nobody is there");
        let words = error.to_string();
        assert!(matches!(error, ChainError::Unreachable { .. }), "{words}");
        assert!(words.contains(&address.to_string()), "{words}");
        assert!(!words.contains("s3cret"), "{words}");
    }
    #[test]
    fn https_is_spoken_to_a_node() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a client");
            let mut first = [0; 3];
            std::io::Read::read_exact(&mut stream, &mut first).expect("a greeting");
            std::io::Write::write_all(&mut stream, b"no such protocol\n").expect("an answer");
            first
        });
        let node = Node::new(&format!("https://{address}")).expect("a URL");
        use alloy::providers::Provider;
        let error = node.ask("eth_chainId", node.provider.get_chain_id());
        // A handshake record of TLS 1.0, as every version greets.
        assert_eq!(server.join().expect("no panic"), [22, 3, 1]);
        let error = error.expect_err("no TLS");
        assert!(matches!(error, ChainError::Unreachable { .. }), "{error}");
    }
}
