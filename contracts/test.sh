#!/usr/bin/env bash
# Installs the pinned compiler and runs the contracts' tests. Needs node 18 or later.
set -euo pipefail
cd "$(dirname "$0")"
npm ci --no-audit --no-fund --silent
cargo test --release --locked -p zkmargin-contracts -- --include-ignored "$@"
