// Compiles the circuit, and a program with its pricing alone that returns prices: build/noir/margin.json, prices.json.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { compile_program, createFileManager } from '@noir-lang/noir_wasm';

async function build(folder, output) {
    const manager = createFileManager(resolve(folder));
    const result = await compile_program(manager).catch((error) => {
        console.error(JSON.stringify(error.diagnostics ?? `${error}`, null, 1));
        process.exit(1);
    });
    writeFileSync(output, JSON.stringify(result.program));
}

function copy(folder) {
    rmSync(folder, { recursive: true, force: true });
    cpSync('noir', folder, { recursive: true, filter: (path) => !path.endsWith('.mjs') });
    cpSync('build/tables/tables.nr', `${folder}/src/tables.nr`);
    cpSync('build/noir/constants.nr', `${folder}/src/constants.nr`);
}

mkdirSync('build/noir', { recursive: true });
copy('build/noir/margin');
await build('build/noir/margin', 'build/noir/margin.json');

copy('build/noir/prices');
const path = 'build/noir/prices/src/main.nr';
const [head] = readFileSync(path, 'utf8').split('\nfn main(');
writeFileSync(
    path,
    `${head}
fn main(market: [[Field; 11]; SLOTS], strikes: [Field; SLOTS]) -> pub [[Field; 2]; SLOTS] {
    prices(market, strikes)
}
`,
);
await build('build/noir/prices', 'build/noir/prices.json');
