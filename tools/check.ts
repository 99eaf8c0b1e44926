// Checks types, lint and format: `npm run check`.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { configurationTypes } from './build/configuration-types.ts';

const FOLDER = 'dist/check';

// The types of a configuration file in the package are those of the schema that checks it.
const SAME_TYPES = `import type { UserConfig as Checked } from '../../packages/server/src/config.ts';
import type { UserConfig as Written } from './define-config.d.ts';
/** All members are required, so that none may be missing in the other. */
type Whole<T> = T extends object ? { [Name in keyof T]-?: Whole<T[Name]> } : T;
export const there: (config: Whole<Checked>) => Whole<Written> = (config) => config;
export const back: (config: Whole<Written>) => Whole<Checked> = (config) => config;
`;

/** A project of all sources and of that. To check it alone checks the server a second time. */
function writeProject(): void {
  const { include } = JSON.parse(readFileSync('tsconfig.json', 'utf8')) as { include: string[] };
  const everything = ['same-types.ts', ...include.map((path) => `../../${path}`)];
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(`${FOLDER}/define-config.d.ts`, configurationTypes());
  writeFileSync(`${FOLDER}/same-types.ts`, SAME_TYPES);
  writeFileSync(
    `${FOLDER}/tsconfig.json`,
    JSON.stringify({ extends: '../../tsconfig.json', include: everything }),
  );
}

writeProject();
const checks = [
  ['tsc', '--project', FOLDER],
  ['biome', 'check', '.'],
];
let failed = false;
for (const [tool = '', ...args] of checks) {
  const result = spawnSync(`node_modules/.bin/${tool}`, args, { stdio: 'inherit' });
  if (result.status !== 0) failed = true;
}
process.exit(failed ? 1 : 0);
