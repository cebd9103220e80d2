// Groth16 by snarkjs: one proof to warm up, one measured; prints seconds and the proof's bytes.
import { readFileSync, writeFileSync } from 'node:fs';
import { groth16, wtns } from 'snarkjs';

const FOLDER = 'build/circom';
const input = JSON.parse(readFileSync(`${FOLDER}/input.json`, 'utf8'));
const wasm = readFileSync(`${FOLDER}/margin_js/margin.wasm`);
const key = readFileSync(`${FOLDER}/margin.zkey`);
const verifyingKey = JSON.parse(readFileSync(`${FOLDER}/verification_key.json`, 'utf8'));

async function timed(work) {
    const start = performance.now();
    const value = await work();
    return [(performance.now() - start) / 1000, value];
}

const result = {};
for (let i = 0; i < 2; i++) {
    const witness = { type: 'mem' };
    [result.witness] = await timed(() => wtns.calculate(input, { type: 'mem', data: wasm }, witness));
    let made;
    const before = process.cpuUsage();
    [result.prove, made] = await timed(() => groth16.prove({ type: 'mem', data: key }, witness));
    const { user, system } = process.cpuUsage(before);
    result.prove_cpu = (user + system) / 1e6;
    let holds;
    [result.verify, holds] = await timed(() => groth16.verify(verifyingKey, made.publicSignals, made.proof));
    if (!holds) throw new Error('the proof does not verify');
    result.proof_bytes = JSON.stringify(made.proof).length;
    writeFileSync(`${FOLDER}/witness.wtns`, witness.data);
}
console.log(JSON.stringify(result));
process.exit(0);
