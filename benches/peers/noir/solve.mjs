// Solves the circuit: build/noir/witness.gz; prints the seconds of a second, warm run. With "prices": prints
// [call in the base market, in the shocked one] a position, in cents, instead.
import { readFileSync, writeFileSync } from 'node:fs';
import { Noir } from '@noir-lang/noir_js';
import { inputs, readPortfolio, signed } from '../inputs.mjs';

const program = (name) => JSON.parse(readFileSync(`build/noir/${name}.json`, 'utf8'));

async function prices(portfolio) {
    const { market, strikes } = inputs(portfolio);
    const noir = new Noir(program('prices'));
    const { returnValue } = await noir.execute({ market, strikes });
    return returnValue.map((slot) =>
        slot.map((text) => Number(signed(text) >> 62n) / 2 ** 66),
    );
}

async function solve(portfolio) {
    const noir = new Noir(program('margin'));
    const values = inputs(portfolio);
    await noir.execute(values);
    const start = performance.now();
    const { witness } = await noir.execute(values);
    const seconds = (performance.now() - start) / 1000;
    writeFileSync('build/noir/witness.gz', witness);
    return seconds;
}

const portfolio = readPortfolio('build/portfolio.json');
const result = process.argv[2] === 'prices' ? { calls: await prices(portfolio) } : { witness: await solve(portfolio) };
console.log(JSON.stringify(result));
