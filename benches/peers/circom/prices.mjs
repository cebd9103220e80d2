// The prices that a circom witness holds: [call in the base market, in the shocked one] a position, in cents.
import { readFileSync } from 'node:fs';
import { wtns } from 'snarkjs';
import { signed } from '../inputs.mjs';

export async function prices(folder, slots) {
    const witness = await wtns.exportJson(`${folder}/witness.wtns`);
    const places = new Map();
    for (const line of readFileSync(`${folder}/margin.sym`, 'utf8').split('\n')) {
        const [, wire, , name] = line.split(',');
        places.set(name, Number(wire));
    }
    return Array.from({ length: slots }, (_, slot) =>
        [0, 1].map((market) => {
            const wire = places.get(`main.call[${slot}][${market}].out`);
            if (!(wire >= 0)) throw new Error(`margin.sym: no wire of call[${slot}][${market}].out`);
            return Number(signed(witness[wire]) >> 120n) / 2 ** 66;
        }),
    );
}
