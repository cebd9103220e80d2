"""Writes verifier/tests/goldens/attestations.json: attestations with the digests and signatures that eth-account makes.

It shares nothing with the verifier: the typed data is spelled here as a wallet gets it, hashed and signed by eth-account.
Re-running gives the same bytes.
"""

import json
from pathlib import Path

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils import keccak

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "verifier" / "tests" / "goldens" / "attestations.json"

TYPES = {
    "EIP712Domain": [
        {"name": "name", "type": "string"},
        {"name": "version", "type": "string"},
    ],
    "Attestation": [
        {"name": "snapshot", "type": "bytes32"},
        {"name": "policy", "type": "bytes32"},
        {"name": "market", "type": "bytes32"},
        {"name": "sequence", "type": "uint64"},
        {"name": "time", "type": "uint64"},
    ],
}


def keys():
    """Test keys, of public strings: worth nothing. The least and the greatest key as well."""
    drawn = [int.from_bytes(keccak(text=f"zkmargin test oracle {i}")) for i in range(5)]
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    return [key.to_bytes(32) for key in [*drawn, 1, order - 1]]


def messages():
    digest = lambda name, i: keccak(text=f"{name} {i}")
    numbers = [(0, 0), (1, 1_795_161_600), (48_211, 1_795_161_600), (2**64 - 1, 2**64 - 1)]
    for i, (sequence, time) in enumerate(numbers):
        yield {
            "snapshot": digest("snapshot", i),
            "policy": digest("policy", i),
            "market": digest("market", i),
            "sequence": sequence,
            "time": time,
        }


def vector(message, key):
    signable = encode_typed_data(full_message={
        "types": TYPES,
        "primaryType": "Attestation",
        "domain": {"name": "zkmargin", "version": "1"},
        "message": message,
    })
    signed = Account.sign_message(signable, key)
    text = lambda value: "0x" + value.hex() if isinstance(value, bytes) else value
    return {
        **{name: text(value) for name, value in message.items()},
        "domain": text(bytes(signable.header)),
        "digest": text(bytes(signed.message_hash)),
        "key": text(key),
        "address": Account.from_key(key).address.lower(),
        "signature": text(bytes(signed.signature)),
    }


def file_digest(name, prefix):
    """Of a file whose numbers are in the one spelling and whose defaults are left out: compact JSON in its own order."""
    document = json.loads((ROOT / "samples" / name).read_text(encoding="ascii"))
    compact = json.dumps(document, separators=(",", ":")).encode()
    return "0x" + keccak(prefix + compact).hex()


def main():
    vectors = [vector(message, key) for message in messages() for key in keys()]
    document = {
        "snapshot_sample": file_digest("snapshot.json", b"zkmargin.snapshot.v1"),
        "vectors": vectors,
    }
    TARGET.write_text(json.dumps(document, indent=1) + "\n", encoding="ascii", newline="\n")
    print(f"{len(vectors)} vectors")


if __name__ == "__main__":
    main()
