// Writes every generated page: `npm run docs`.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

for (const page of [
  'configuration-docs.ts',
  'error-docs.ts',
  'log-docs.ts',
  'api-docs.ts',
  'command-docs.ts',
  'client-docs.ts',
]) {
  const path = fileURLToPath(new URL(page, import.meta.url));
  const { status } = spawnSync(process.execPath, [path], { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}
