import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { readStoredHeads } from '../../../src/commands/audit/stored-heads.ts';
import { temporaryFolder } from '../../fake-admin.ts';

const hash = 'ab'.repeat(32);
const ledger = 'cd'.repeat(32);

function read(t: TestContext, content: string) {
  const path = join(temporaryFolder(t), 'heads');
  writeFileSync(path, content);
  return readStoredHeads(path);
}

test('reads the object of a witness, one document, and one document in each line', async (t) => {
  const head = { seq: 61, hash, ledger, signed: 'a.b.c' };
  assert.deepEqual(await read(t, JSON.stringify(head)), [head]);
  assert.deepEqual(await read(t, `{"seq":61,\n"hash":"${hash}"}`), [{ seq: 61, hash, ledger: null }]);
  const printed = JSON.stringify({ ok: true, entries: 61, head: { seq: 61, hash }, ledger, signed: 'a.b.c' });
  assert.deepEqual(await read(t, `${printed}\n${printed}\n`), [head, head]);
});

test('refuses a file with other content, and with a line that is not a head', async (t) => {
  const whole = JSON.stringify({ seq: 61, hash });
  for (const content of [
    'tiger',
    '[]',
    '{}',
    `{"seq":-1.5,"hash":"${hash}"}`,
    `{"seq":1,"hash":"ab"}`,
    `${whole}\ntiger`,
  ]) {
    await assert.rejects(
      read(t, content),
      /holds no head of a ledger: give the object of a witness/,
      content,
    );
  }
});
