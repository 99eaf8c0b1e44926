// The command in a clone of the repository, as the README writes it.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run } from './support/gatehouse-command.ts';
import { COMMAND } from './support/program.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

test('./gatehouse is the command of the clone, from any folder, and passes its arguments and exit status on', async () => {
  const { stdout, status } = await run(join(root, 'gatehouse'), ['--version'], { cwd: '/' });
  assert.deepEqual([stdout, status], [(await run(COMMAND, ['--version'])).stdout, 0]);
  const refused = await run(join(root, 'gatehouse'), ['no such command'], { cwd: '/' });
  assert.match(refused.stderr, /no such command/);
  assert.equal(refused.status, (await run(COMMAND, ['no such command'])).status);
});

test('no document tells the reader to run npx gatehouse, which could be a package of the registry', () => {
  for (const page of globSync(['*.md', 'docs/**/*.md'], { cwd: root })) {
    assert.doesNotMatch(readFileSync(join(root, page), 'utf8'), /npx gatehouse/, page);
  }
});
