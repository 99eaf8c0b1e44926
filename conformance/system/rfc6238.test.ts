// Time-based one-time passwords (RFC 6238): the vectors of its appendix B and of RFC 4226, and Debian's
// oathtool as the authenticator app of a user who signs in.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { Secret } from 'otpauth';
import { stepOf } from '../../packages/server/src/identity/factors/totp.ts';
import { run, up } from '../support/gatehouse-command.ts';
import { ask } from '../support/https-client.ts';
import { without } from '../support/programs.ts';

const skip = without('oathtool');
const STEP_MS = 30_000;
const NOW = Date.parse('2026-03-01T12:00:00Z');

/** RFC 6238 appendix B, for HMAC-SHA-1: the time in seconds and the last six of its eight digits. */
const VECTORS: readonly (readonly [seconds: number, code: string])[] = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
];
const SECRET = Buffer.from('12345678901234567890', 'latin1');

describe('the vectors of RFC 6238 appendix B', () => {
  for (const [seconds, code] of VECTORS) {
    it(`${code} at ${seconds} s is the code of its time step, and of no other`, () => {
      const now = seconds * 1000;
      const step = Math.floor(seconds / 30);
      assert.equal(stepOf(code, SECRET, now), step);
      assert.equal(stepOf(code, SECRET, now + STEP_MS), step, 'a clock that is a step ahead');
      assert.equal(stepOf(code, SECRET, now - STEP_MS), step, 'a clock that is a step behind');
      for (const away of [-2, 2]) assert.equal(stepOf(code, SECRET, now + away * STEP_MS), undefined);
    });
  }

  it('accepts only six decimal digits as a code', () => {
    for (const text of ['287082 ', '+28708', '28708', '94287082', '２８７０８２', '']) {
      assert.equal(stepOf(text, SECRET, 59_000), undefined, text);
    }
  });
});

describe('a user whose codes come from oathtool', { skip }, async () => {
  const server = skip ? undefined : await up({ upstream: 'http://127.0.0.1:9' });
  after(() => server?.stop());

  async function post(path: string, body: object) {
    assert.ok(server);
    const { controlPort: port, ca } = server;
    const headers = { 'content-type': 'application/json' };
    return ask({ port, ca, path, method: 'POST', headers, body: JSON.stringify(body) });
  }

  it('is enrolled from the command line, and each code works once', async () => {
    assert.ok(server);
    const password = 'correct horse';
    const added = await server.command(['user', 'add', 'alice', '--password-stdin'], { input: password });
    assert.equal(added.status, 0, added.stderr);
    const enrolled = await server.json<{ secret: string; uri: string }>('user', 'totp', 'alice');
    const uri = new URL(enrolled.uri);
    assert.equal(uri.searchParams.get('secret'), enrolled.secret);
    assert.equal(uri.searchParams.get('issuer'), 'Gatehouse');
    const oathtool = async (...options: string[]) => {
      const args = ['--totp', '--base32', ...options, '-'];
      return (await run('oathtool', args, { input: enrolled.secret })).stdout.trim();
    };
    const signIn = async (code: string) => {
      const { mfa_token } = (await post('/auth/login', { username: 'alice', password })).json();
      return (await post('/auth/mfa', { mfa_token, code })).status;
    };
    const secret = Secret.fromBase32(enrolled.secret).bytes;
    assert.equal(stepOf(await oathtool('--now', '2026-03-01 12:00:05 UTC'), secret, NOW), NOW / STEP_MS);
    const code = await oathtool();
    assert.deepEqual([await signIn(code), await signIn(code)], [200, 401]);
  });

  it('is enrolled again only after the removal', async () => {
    assert.ok(server);
    const again = await server.command(['user', 'totp', 'alice']);
    assert.equal(again.status, 1);
    assert.match(again.stderr, /alice already has TOTP: remove it first/);
    assert.equal((await server.command(['user', 'totp', 'alice', '--remove'])).status, 0);
    const answer = await post('/auth/login', { username: 'alice', password: 'correct horse' });
    assert.equal(answer.status, 200);
  });
});
