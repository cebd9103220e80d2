// Makes a powers-of-tau file with snarkjs, as its command line would:
//   powersoftau new, contribute, (beacon,) prepare phase2.
//
// The secret of such a file was drawn on one machine: it is for tests only.
//
//   npm ci
//   npm run make -- POWER OUT.ptau [--raw]
//
// --raw stops before `prepare phase2`: 7 sections instead of 11. The importer takes both.
import { mkdtempSync, renameSync, copyFileSync, rmSync, existsSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as snarkjs from "snarkjs";

const [powerText, out, flag] = process.argv.slice(2);
const power = Number(powerText);
if (!Number.isInteger(power) || power < 1 || power > 20 || !out || (flag && flag !== "--raw")) {
  console.error("usage: make-ptau.mjs POWER(1..20) OUT.ptau [--raw]");
  process.exit(2);
}
if (existsSync(out)) {
  console.error(`${out} exists`);
  process.exit(1);
}

const work = mkdtempSync(join(tmpdir(), "ptau-"));
try {
  const fresh = join(work, "0.ptau");
  const contributed = join(work, "1.ptau");
  const prepared = join(work, "2.ptau");
  const curve = await snarkjs.curves.getCurveFromName("bn128");
  await snarkjs.powersOfTau.newAccumulator(curve, power, fresh);
  await snarkjs.powersOfTau.contribute(fresh, contributed, "test", randomBytes(32).toString("hex"));
  if (!flag) await snarkjs.powersOfTau.preparePhase2(contributed, prepared);
  const result = flag ? contributed : prepared;
  try {
    renameSync(result, out);
  } catch {
    copyFileSync(result, out); // another file system
  }
  console.log(`${out}: power ${power}`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
process.exit(0); // snarkjs leaves worker threads open
