#!/usr/bin/env bash
# Powers of tau for Groth16, drawn on this machine: good for measurements only.
set -euo pipefail
cd "$(dirname "$0")"
out=build/ptau_14
[ -f "$out.ptau" ] && exit 0
mkdir -p build
snarkjs=node_modules/.bin/snarkjs
"$snarkjs" powersoftau new bn128 14 "$out.0"
"$snarkjs" powersoftau contribute "$out.0" "$out.1" --name=local -e="$(head -c 64 /dev/urandom | base64 -w0)"
"$snarkjs" powersoftau prepare phase2 "$out.1" "$out.tmp"
mv "$out.tmp" "$out.ptau"
rm "$out.0" "$out.1"
