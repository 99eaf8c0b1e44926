// Policies are read one after the other, but applying policies waits for no question.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReadPolicies } from '../../../src/authz/language/index.ts';
import { createPolicyReader } from '../../../src/authz/versions/policy-reader.ts';
import { FACTS } from '../support.ts';

function setUp() {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const read = createPolicyReader(([file]) => {
    begun.push(file?.name ?? '');
    const { promise, resolve } = Promise.withResolvers<ReadPolicies>();
    ends.push(() => resolve({ policies: new Map(), findings: [] }));
    return promise;
  });
  const readFile = (purpose: Parameters<typeof read>[0], name: string) =>
    read(purpose, [{ name, text: '' }], FACTS);
  return { begun, ends, readFile };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('reads questions one after the other, and applies policies without waiting for them', async () => {
  const { begun, ends, readFile } = setUp();
  const asked = [readFile('ask', 'a'), readFile('ask', 'b')];
  const applied = readFile('apply', 'c');
  await turn();
  assert.deepEqual(begun, ['a', 'c']);
  ends[0]?.();
  await turn();
  assert.deepEqual(begun, ['a', 'c', 'b']);
  for (const end of ends) end();
  await Promise.all([...asked, applied]);
});

test('refuses too many questions, and continues with the others', async () => {
  const { ends, readFile } = setUp();
  const waiting = Array.from({ length: 101 }, (_, index) => readFile('ask', String(index)));
  await turn();
  await assert.rejects(readFile('ask', 'more'), { code: 'too_many_requests' });
  for (let index = 0; index < waiting.length; index += 1) {
    ends[index]?.();
    await waiting[index];
    await turn();
  }
});
