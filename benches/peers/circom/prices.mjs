// The prices that a circom witness holds: prints [call in the base market, in the shocked one] a position, in cents.
import { readFileSync } from 'node:fs';
import { wtns } from 'snarkjs';
import { signed } from '../inputs.mjs';

const FOLDER = 'build/circom';
const SLOTS = 32;

const witness = await wtns.exportJson(`${FOLDER}/witness.wtns`);
const places = new Map();
for (const line of readFileSync(`${FOLDER}/margin.sym`, 'utf8').split('\n')) {
    const [, wire, , name] = line.split(',');
    places.set(name, Number(wire));
}
const calls = Array.from({ length: SLOTS }, (_, slot) =>
    [0, 1].map((market) => {
        const name = `main.call[${slot}][${market}].out`;
        const wire = places.get(name);
        if (!(wire >= 0)) throw new Error(`${FOLDER}/margin.sym: no wire of ${name}`);
        return Number(signed(witness[wire]) >> 120n) / 2 ** 66;
    }),
);
console.log(JSON.stringify({ calls }));
