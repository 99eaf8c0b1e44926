// The texts that Python's base64 accepts, and those that it refuses.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalToken } from '../../../src/commands/fernet/token-text.ts';

const withoutPython = spawnSync('python3', ['--version']).status === 0 ? false : 'needs python3';
const SCRIPT = `import base64, binascii, json, sys
def read(text):
    try: return base64.urlsafe_b64encode(base64.urlsafe_b64decode(text.encode('latin1'))).decode()
    except binascii.Error: return None
print(json.dumps([read(text) for text in json.load(sys.stdin)]))`;

test('reads the same octets as Python from any text, or refuses it as Python does', {
  skip: withoutPython,
}, () => {
  const text = fc.string({ unit: fc.constantFrom(...'AQgw-_+/====\n %z9\u00e9'), maxLength: 14 });
  const texts = fc.sample(text, 3000);
  const { stdout } = spawnSync('python3', ['-c', SCRIPT], { input: JSON.stringify(texts), encoding: 'utf8' });
  const expected: (string | null)[] = JSON.parse(stdout);
  assert.ok(expected.includes(null) && expected.some((each) => each !== null && each !== ''));
  assert.deepEqual(
    texts.map((each) => canonicalToken(Buffer.from(each, 'latin1')) ?? null),
    expected,
  );
});
