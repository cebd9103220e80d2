#!/usr/bin/env bash
# Installs and builds every peer, makes one portfolio, measures all of them.
#
#     benches/peers/run.sh [--runs N] [--seed N]
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p build/circom build/noir

# Not `npm ci`: registries that lack other platforms' optional packages leave them out of the lock file, which it refuses.
npm install --silent --no-audit --no-fund
[ -x build/venv/bin/python ] || python3 -m venv build/venv
build/venv/bin/pip install --quiet -r requirements.txt
python=build/venv/bin/python

# Circuits.
"$python" statement/tables.py build/tables
"$python" statement/portfolio.py -o build/portfolio.json
node_modules/.bin/circom2 circom/margin.circom --r1cs --wasm --sym --O2 -l node_modules -l build/tables -o build/circom
node noir/constants.mjs build/noir/constants.nr
node noir/compile.mjs

# Parameters and keys.
./ptau.sh
bb=node_modules/@aztec/bb.js/build/amd64-linux/bb
"$python" noir/srs.py build/ptau_14.ptau build/noir/crs --patch "$bb" build/noir/bb
# A key is good for one circuit: kept beside it.
if ! cmp -s build/circom/margin.r1cs build/circom/keyed.r1cs; then
    node_modules/.bin/snarkjs groth16 setup build/circom/margin.r1cs build/ptau_14.ptau build/circom/margin_0.zkey
    node_modules/.bin/snarkjs zkey contribute build/circom/margin_0.zkey build/circom/margin.zkey --name=local \
        -e="$(head -c 64 /dev/urandom | base64 -w0)"
    cp build/circom/margin.r1cs build/circom/keyed.r1cs
fi
node_modules/.bin/snarkjs zkey export verificationkey build/circom/margin.zkey build/circom/verification_key.json

node refusals.mjs

# Provers.
cargo build --release --manifest-path arkworks/Cargo.toml
cargo build --release --manifest-path ../../Cargo.toml -p zkmargin-benches --bin book

exec "$python" run.py "$@"
