// Solves the circuit: build/noir/witness.gz; prints the seconds of a second, warm run. With "prices": prints the prices in cents.
import { readFileSync, writeFileSync } from 'node:fs';
import { Noir } from '@noir-lang/noir_js';
import { inputs, readPortfolio } from '../inputs.mjs';

const program = (name) => JSON.parse(readFileSync(`build/noir/${name}.json`, 'utf8'));
const MODULUS = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

/** Field elements as text; negative ones as residues. */
function fields(value) {
    if (Array.isArray(value)) return value.map(fields);
    const integer = BigInt(value);
    return (integer < 0n ? integer + MODULUS : integer).toString();
}

export async function noirPrices(portfolio) {
    const { market, strikes } = inputs(portfolio);
    const noir = new Noir(program('prices'));
    const { returnValue } = await noir.execute({ market: fields(market), strikes: fields(strikes) });
    return returnValue.map((slot) =>
        slot.map((text) => {
            const value = BigInt(text);
            const signed = value > MODULUS / 2n ? value - MODULUS : value;
            return Number(signed >> 62n) / 2 ** 66;
        }),
    );
}

async function solve(portfolio) {
    const noir = new Noir(program('margin'));
    const values = Object.fromEntries(Object.entries(inputs(portfolio)).map(([name, value]) => [name, fields(value)]));
    await noir.execute(values);
    const start = performance.now();
    const { witness } = await noir.execute(values);
    const seconds = (performance.now() - start) / 1000;
    writeFileSync('build/noir/witness.gz', witness);
    return seconds;
}

if (import.meta.url === `file://${process.argv[1]}`) {
    console.log(JSON.stringify({ witness: await solve(readPortfolio(process.argv[2])) }));
}
