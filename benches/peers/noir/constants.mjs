// circomlib's Poseidon constants for four inputs as Noir globals.
import { readFileSync, writeFileSync } from 'node:fs';

const source = readFileSync('node_modules/circomlib/circuits/poseidon_constants.circom', 'utf8');

/** The array that POSEIDON_name(5) returns. */
function constants(name) {
    const body = source.slice(source.indexOf(`function POSEIDON_${name}(t)`));
    const text = /t\s*==\s*5\)\s*\{\s*return\s*([\s\S]*?);/.exec(body)[1];
    return JSON.parse(text.replace(/0x[0-9a-f]+|\d+/g, '"$&"'));
}

const row = (values) => `[${values.join(', ')}]`;
const vector = (name) => {
    const values = constants(name);
    return `pub global ${name}: [Field; ${values.length}] = ${row(values)};\n`;
};
const matrix = (name) => `pub global ${name}: [[Field; 5]; 5] = ${row(constants(name).map(row))};\n`;
writeFileSync(process.argv[2], vector('C') + vector('S') + matrix('M') + matrix('P'));
