// The command in a clone of the repository, as the README writes it.
import assert from 'node:assert/strict';
import { chmodSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run, up } from './support/gatehouse-command.ts';
import { COMMAND } from './support/program.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

test('./gatehouse is the command of the clone, from any folder, and passes its arguments and exit status on', async () => {
  const { stdout, status } = await run(join(root, 'gatehouse'), ['--version'], { cwd: '/' });
  assert.deepEqual([stdout, status], [(await run(COMMAND, ['--version'])).stdout, 0]);
  const refused = await run(join(root, 'gatehouse'), ['no such command'], { cwd: '/' });
  assert.match(refused.stderr, /no such command/);
  assert.equal(refused.status, (await run(COMMAND, ['no such command'])).status);
});

test('the server takes the place of the command that starts it, where Node can do that', {
  skip: process.platform === 'win32' && 'needs a system with execve',
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-clone-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const program = join(folder, 'gatehouse');
  // This Node can. That of the system may be older.
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${COMMAND}" "$@"\n`);
  chmodSync(program, 0o755);
  const server = await up({ program });
  t.after(server.stop);
  assert.equal(server.wrapper.pid, server.pid);
});

test('no document tells the reader to run npx gatehouse, which could be a package of the registry', () => {
  for (const page of globSync(['*.md', 'docs/**/*.md'], { cwd: root })) {
    assert.doesNotMatch(readFileSync(join(root, page), 'utf8'), /npx gatehouse/, page);
  }
});
