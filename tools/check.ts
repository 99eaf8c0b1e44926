// Checks types, lint and format: `npm run check`.
import { spawnSync } from 'node:child_process';

const checks = [
  ['tsc', '--noEmit'],
  ['biome', 'check', '.'],
];
let failed = false;
for (const [tool = '', ...args] of checks) {
  const result = spawnSync(`node_modules/.bin/${tool}`, args, { stdio: 'inherit' });
  if (result.status !== 0) failed = true;
}
process.exit(failed ? 1 : 0);
