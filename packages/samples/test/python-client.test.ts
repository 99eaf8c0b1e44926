import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import type { SamplesLogEntry } from '../src/index.ts';
import { servedSamples } from './support/samples-under-test.ts';

const missing =
  spawnSync('python3', ['-c', 'import requests, cryptography.fernet']).status === 0
    ? false
    : 'needs python3, requests and cryptography (apt-get install python3-requests python3-cryptography)';

test('Python’s requests and cryptography work with the samples (T1 to T5)', {
  skip: missing,
}, async (t) => {
  const log: SamplesLogEntry[] = [];
  const { url } = await servedSamples(t, { log: (entry) => log.push(entry) });
  const { stdout } = await promisify(execFile)('python3', [
    join(import.meta.dirname, 'python-client.py'),
    url,
  ]);
  assert.equal(stdout, 'ok\n');
  assert.deepEqual(
    log.map((entry) => (entry.event === 'encrypted.refused' ? entry.reason : entry.event)),
    ['client_id_missing', 'nothing_expected', 'key_not_exchanged', 'encrypted.decrypted'],
  );
});
