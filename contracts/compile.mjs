// Compiles Solidity sources with the pinned compiler, without a network.
//
//   node compile.mjs --out DIR [--plain] FILE.sol...
//
// Writes DIR/NAME.json for each contract of the named files: { abi, bytecode, deployedBytecode, deployedSize }. --plain switches the optimiser
// off: generated verifiers need that. Exits 1 with the compiler's messages if there is an error or a warning.
import { createRequire } from "node:module";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const require = createRequire(import.meta.url);
const solc = require("solc");
const here = dirname(fileURLToPath(import.meta.url));

const { values, positionals } = parseArgs({
  options: { out: { type: "string" }, plain: { type: "boolean", default: false } },
  allowPositionals: true,
});
if (!values.out || positionals.length === 0) {
  console.error("usage: node compile.mjs --out DIR [--plain] FILE.sol...");
  process.exit(2);
}

const sources = {};
for (const file of positionals) sources[basename(file)] = { content: readFileSync(file, "utf8") };
const input = {
  language: "Solidity",
  sources,
  settings: {
    evmVersion: "cancun",
    optimizer: { enabled: !values.plain, runs: 10000 },
    metadata: { bytecodeHash: "none", appendCBOR: false },
    outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] } },
  },
};
const load = (path) => {
  for (const root of [here, join(here, "node_modules")]) {
    try {
      return { contents: readFileSync(join(root, path), "utf8") };
    } catch {
      // The next root.
    }
  }
  return { error: `${path} not found: run npm ci in contracts/` };
};
const output = JSON.parse(solc.compile(JSON.stringify(input), { import: load }));
for (const error of output.errors ?? []) console.error(error.formattedMessage);
if ((output.errors ?? []).length > 0) process.exit(1);

mkdirSync(values.out, { recursive: true });
for (const file of Object.keys(sources)) {
  for (const [name, contract] of Object.entries(output.contracts[file] ?? {})) {
    const { abi, evm } = contract;
    const deployed = evm.deployedBytecode.object;
    const artifact = { abi, bytecode: evm.bytecode.object, deployedBytecode: deployed, deployedSize: deployed.length / 2 };
    const path = join(values.out, `${name}.json`);
    writeFileSync(`${path}.part`, JSON.stringify(artifact));
    renameSync(`${path}.part`, path);
    console.log(`${name} ${artifact.deployedSize} bytes`);
  }
}
