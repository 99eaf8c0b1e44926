// The package also runs under Bun, like the data plane.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const [BUN = ''] = globSync(at('../../../node_modules/@oven/bun-*/bin/bun'));
const skip = BUN === '' && 'the binary of Bun for this platform is not installed';

test('admits and refuses the same requests under Bun and Node', { skip }, () => {
  const started = ['--no-env-file', '--config=/dev/null', '--no-install', at('support/admission-program.ts')];
  const outcomes = [BUN, process.execPath].map((program) => {
    const { status, stdout, stderr } = spawnSync(program, program === BUN ? started : started.slice(-1), {
      encoding: 'utf8',
      env: {},
    });
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout);
  });
  assert.deepEqual(outcomes[0], outcomes[1]);
  assert.deepEqual(outcomes[0], {
    apiKey: { principal: 'robot', assertionFor: 'robot' },
    token: { principal: 'alice', assertionFor: 'alice' },
    wrongKey: 'credential_invalid',
    wrongToken: 'credential_invalid',
    forbidden: 'forbidden',
    path: 'path_not_canonical',
  });
});
