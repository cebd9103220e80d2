// The inputs of the peers' circuits from build/portfolio.json.
import { readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { poseidon4 } from 'poseidon-lite';

const HALF_SIZE = 1n << 29n;
const HALF_CASH = 1n << 49n;

/** h = P(salt, cash, w0, w1), then h = P(h, w, w, w); a word is two positions. */
export function commitment(portfolio) {
    const words = portfolio.slots.map(
        (s) => BigInt(s.strike) + ((BigInt(s.calls) + HALF_SIZE) << 30n) + ((BigInt(s.puts) + HALF_SIZE) << 60n),
    );
    const packed = [];
    for (let i = 0; i < words.length; i += 2) packed.push(words[i] + (words[i + 1] << 90n));
    packed.push(0n);
    let hash = poseidon4([BigInt(portfolio.salt), BigInt(portfolio.cash) + HALF_CASH, packed[0], packed[1]]);
    for (let i = 2; i < packed.length; i += 3) hash = poseidon4([hash, ...packed.slice(i, i + 3)]);
    return hash;
}

/** Eleven public numbers a position. */
function market(portfolio) {
    return portfolio.slots.map(({ expiry }) => {
        const group = portfolio.public[expiry];
        return [
            group.discount,
            ...group.markets.flatMap((m) => [m.discounted_forward, m.ln_forward, m.inverse_v, m.v_high, m.v_low]),
        ];
    });
}

export const MODULUS = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

/** Field elements as text; negative integers as residues. */
function fields(value) {
    if (Array.isArray(value)) return value.map(fields);
    const integer = BigInt(value);
    return (integer < 0n ? integer + MODULUS : integer).toString();
}

/** The signed integer of a residue, given as text. */
export function signed(text) {
    const value = BigInt(text);
    return value > MODULUS / 2n ? value - MODULUS : value;
}

export function inputs(portfolio) {
    const { slots, cash, salt, threshold } = portfolio;
    const values = {
        commitment: commitment(portfolio),
        threshold,
        market: market(portfolio),
        strikes: slots.map((s) => s.strike),
        calls: slots.map((s) => s.calls),
        puts: slots.map((s) => s.puts),
        cash,
        salt,
    };
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, fields(value)]));
}

/** Integers above 2^53 stay exact. */
export function readPortfolio(path) {
    const text = readFileSync(path, 'utf8').replace(/([:\s[])(-?\d{16,})(?=[,\s\]}])/g, '$1"$2"');
    return JSON.parse(text);
}

if (import.meta.url === `file://${process.argv[1]}`) {
    const portfolio = readPortfolio('build/portfolio.json');
    mkdirSync('build/circom', { recursive: true });
    const values = inputs(portfolio);
    writeFileSync('build/circom/input.json', JSON.stringify(values));
    console.log(JSON.stringify({ commitment: values.commitment }));
}
