#!/usr/bin/env bash
# Installs the pinned compiler and test node, and runs the contracts' tests: on an EVM in the process, and by the command line on a real node.
# Needs node 18 or later; the test node is there for Linux on x86-64, elsewhere ANVIL names one.
set -euo pipefail
cd "$(dirname "$0")"
npm ci --no-audit --no-fund --silent
cargo test --release --locked -p zkmargin-contracts -- --include-ignored "$@"
cargo test --release --locked -p zkmargin-cli --test cli chain:: -- --include-ignored "$@"
