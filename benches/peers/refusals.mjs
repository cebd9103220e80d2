// What is false has no witness: circom's and Noir's circuits refuse a threshold below the equity, another commitment or salt, a
// position out of range. Forged witnesses are not tried.
import { readFileSync } from 'node:fs';
import { Noir } from '@noir-lang/noir_js';
import { wtns } from 'snarkjs';
import { inputs, readPortfolio } from './inputs.mjs';

const portfolio = readPortfolio('build/portfolio.json');
const program = JSON.parse(readFileSync('build/noir/margin.json', 'utf8'));
const wasm = { type: 'mem', data: readFileSync('build/circom/margin_js/margin.wasm') };

const solvers = {
    circom: (values) => wtns.calculate(values, wasm, { type: 'mem' }),
    Noir: (values) => new Noir(program).execute(values),
};

const add = (text, value) => (BigInt(text) + value).toString();
const replaced = (list, value) => [value, ...list.slice(1)];
const lies = {
    // The threshold is a dollar above the equity, in units of 0.00001 dollars; the prices of all positions are good to some cents.
    'a threshold below the equity': (v) => ({ ...v, threshold: add(v.threshold, -200_000n) }),
    'another commitment': (v) => ({ ...v, commitment: add(v.commitment, 1n) }),
    'another salt': (v) => ({ ...v, salt: add(v.salt, 1n) }),
    'a strike of zero': (_) => inputs({ ...portfolio, slots: replaced(portfolio.slots, { ...portfolio.slots[0], strike: 0 }) }),
    'a strike beyond 30 bits': (_) =>
        inputs({ ...portfolio, slots: replaced(portfolio.slots, { ...portfolio.slots[0], strike: 2 ** 30 }) }),
    'a size beyond 30 bits': (_) =>
        inputs({ ...portfolio, slots: replaced(portfolio.slots, { ...portfolio.slots[0], calls: 2 ** 29 }) }),
};

let accepted = 0;
for (const [tool, solve] of Object.entries(solvers)) {
    await solve(inputs(portfolio));
    for (const [name, lie] of Object.entries(lies)) {
        const refused = await solve(lie(inputs(portfolio))).then(
            () => false,
            () => true,
        );
        if (!refused) {
            console.error(`${tool} accepts ${name}`);
            accepted += 1;
        }
    }
}
console.log(`${Object.keys(solvers).length} circuits, ${Object.keys(lies).length} lies each, ${accepted} accepted`);
process.exit(accepted === 0 ? 0 : 1);
