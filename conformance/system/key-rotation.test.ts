// The server's own signing keys are replaced while requests run: none is refused, and an upstream that caches
// the key set for a while verifies every assertion.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { JSONWebKeySet } from 'jose';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { eventually } from '../support/conditions.ts';
import { signIn, up } from '../support/gatehouse-command.ts';
import { ask } from '../support/https-client.ts';
import { startRecordingUpstream } from '../support/upstreams.ts';

const PASSWORD = 'correct horse battery staple';
const ASSERTION_KEYS = '/.well-known/gatehouse-assertion-jwks.json';
const TOKEN_KEYS = '/.well-known/jwks.json';
/** Longer than the interval of the keyring's job. */
const PATIENCE_MS = 60_000;

interface Key {
  use: string;
  kid: string;
  state: string;
}

const upstream = await startRecordingUpstream();
const server = await up({ upstream: upstream.origin, set: ['keyring.publishBefore=2s'] });
after(() => Promise.all([server.stop(), upstream.close()]));
await server.command(['user', 'add', 'alice', '--role', 'user', '--password-stdin'], { input: PASSWORD });

async function keySet(path: string): Promise<JSONWebKeySet> {
  const { json } = await ask({ port: server.controlPort, ca: server.ca, path });
  return json() as unknown as JSONWebKeySet;
}

async function read(token: string, path = '/'): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  return (await ask({ port: server.port, ca: server.ca, path, headers })).status;
}

async function stateOf(kid: unknown): Promise<string | undefined> {
  return (await server.json<Key[]>('keyring', 'list')).find((key) => key.kid === kid)?.state;
}

function kidOf(jwt: string): string | undefined {
  return decodeProtectedHeader(jwt).kid;
}

describe('a signing key is replaced', () => {
  it('without refusing a token that the old key signed, or one that the new key signs', async () => {
    const token = await signIn(server, 'alice', PASSWORD);
    await server.json('keyring', 'rotate', 'access-token');
    const signed = async () => kidOf(await signIn(server, 'alice', PASSWORD)) !== kidOf(token);
    await eventually('the new key to sign', signed, PATIENCE_MS);
    assert.equal(await read(token), 200);
    assert.equal(await read(await signIn(server, 'alice', PASSWORD)), 200);
    assert.equal(await stateOf(kidOf(token)), 'retiring');
    assert.ok((await keySet(TOKEN_KEYS)).keys.some(({ kid }) => kid === kidOf(token)));
  });

  it('after its successor was published, so a key set that was read before verifies every assertion', async () => {
    const token = await signIn(server, 'alice', PASSWORD);
    const [before] = await server.json<Key[]>('keyring', 'list').then(assertionKeys);
    await server.json('keyring', 'rotate', 'assertion');
    const kept = createLocalJWKSet(await keySet(ASSERTION_KEYS));
    let requests = 0;
    const isReplaced = async () => {
      requests += 1;
      const path = `/request-${requests}`;
      assert.equal(await read(token, path), 200);
      const jwt = String(upstream.saw(path)[0]?.headers['gatehouse-assertion']);
      await jwtVerify(jwt, kept, { typ: 'gatehouse-assertion+jwt' });
      return kidOf(jwt) !== before?.kid;
    };
    await eventually('the new key to sign', isReplaced, PATIENCE_MS);
  });

  it('at once if it leaked: its signatures are refused, and those of the new key are not', async () => {
    const token = await signIn(server, 'alice', PASSWORD);
    assert.equal(await read(token), 200);
    await server.json('keyring', 'rotate', 'access-token', '--leaked');
    assert.equal(await read(token), 401);
    assert.equal(await stateOf(kidOf(token)), undefined);
    assert.ok((await keySet(TOKEN_KEYS)).keys.every(({ kid }) => kid !== kidOf(token)));
    assert.equal(await read(await signIn(server, 'alice', PASSWORD)), 200);
  });

  it('for the control plane, too', async () => {
    await server.command(['user', 'add', 'root', '--role', 'admin', '--password-stdin'], { input: PASSWORD });
    const list = async (token: string) => {
      const headers = { authorization: `Bearer ${token}` };
      return (await ask({ port: server.controlPort, ca: server.ca, path: '/admin/keyring', headers })).status;
    };
    const token = await signIn(server, 'root', PASSWORD);
    assert.equal(await list(token), 200);
    await server.json('keyring', 'rotate', 'access-token', '--leaked');
    assert.equal(await list(token), 401);
    assert.equal(await list(await signIn(server, 'root', PASSWORD)), 200);
  });
});

function assertionKeys(keys: Key[]): Key[] {
  return keys.filter(({ use }) => use === 'assertion');
}
