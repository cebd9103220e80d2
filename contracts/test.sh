#!/usr/bin/env bash
# Installs the pinned compiler and test node, and runs the contracts' tests: on an EVM in the process, and by the command line on a real node.
# Needs node 18 or later; the test node is there for Linux on x86-64, elsewhere ANVIL names one.
set -euo pipefail
cd "$(dirname "$0")"
npm ci --no-audit --no-fund --silent
# The whole workspace's features: what `cargo test --workspace` has built is not built again.
cargo test --release --locked --workspace --test evm -- --include-ignored "$@"
cargo test --release --locked --workspace --test cli chain:: -- --include-ignored "$@"
