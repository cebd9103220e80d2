// The prices that a circom witness holds: [call in the base market, in the shocked one] a position, in cents.
import { readFileSync } from 'node:fs';
import { wtns } from 'snarkjs';

const MODULUS = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

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
            const value = BigInt(witness[wire]);
            const signed = value > MODULUS / 2n ? value - MODULUS : value;
            return Number(signed >> 120n) / 2 ** 66;
        }),
    );
}
