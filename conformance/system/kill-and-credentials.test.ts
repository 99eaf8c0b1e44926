// State that must survive a kill: used DPoP proofs (RFC 9449 §11.1), used signed requests (RFC 9421 §7.2.2),
// counts of wrong passwords (NIST SP 800-63B-4 §3.2.2), and messages about sign-outs.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, it } from 'node:test';
import { adminOf } from '../support/admin-api.ts';
import { eventually } from '../support/conditions.ts';
import { boundCaller } from '../support/dpop-token.ts';
import type { Up } from '../support/gatehouse-command.ts';
import { up } from '../support/gatehouse-command.ts';
import { ask } from '../support/https-client.ts';
import type { RegisteredClient } from '../support/oauth-client.ts';
import { claimsOf } from '../support/oauth-client.ts';
import { createPerson } from '../support/person.ts';
import { freePorts } from '../support/ports.ts';
import { signedFields } from '../support/request-signer.ts';
import { startRecordingUpstream } from '../support/upstreams.ts';

const data = mkdtempSync(join(tmpdir(), 'gatehouse-kill-'));
const upstream = await startRecordingUpstream();
const [gatewayPort, controlPort] = await freePorts(2);
// The same ports again, because tokens and proofs have the URLs.
const routes = [{ path: '/signed', accept: ['signature'] }, { path: '/*' }];
const set = [
  `gateway.listen=127.0.0.1:${gatewayPort}`,
  `control.listen=127.0.0.1:${controlPort}`,
  `gateway.routes=${JSON.stringify(routes)}`,
];
const start = () => up({ data, upstream: upstream.origin, set });

let server: Up = await start();
after(async () => {
  await Promise.all([server.stop(), upstream.close()]);
  rmSync(data, { recursive: true, force: true });
});

async function killAndStart(): Promise<void> {
  process.kill(server.pid, 'SIGKILL');
  await server.ended;
  server = await start();
}

function signIn(username: string) {
  return ask({
    port: server.controlPort,
    ca: server.ca,
    path: '/auth/login',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password: 'wrong' }),
  });
}

it('after kill -9, a used proof stays used, even one with a time in the future, and wrong passwords still count', async () => {
  const registered = (await adminOf(data)('POST', '/admin/clients', {
    name: 'robot',
    grants: ['client_credentials'],
    dpopBoundTokens: true,
  })) as unknown as RegisteredClient;
  const { gateway, control } = server.ready;
  const caller = await boundCaller({ ...server, gateway, control }, registered);
  const now = Math.floor(Date.now() / 1000);
  const used = await caller.proof('/notes', { iat: now });
  const ahead = await caller.proof('/notes', { iat: now + 25 });
  for (const proof of [used, ahead]) assert.equal((await caller.get('/notes', proof)).status, 200);
  for (let count = 0; count < 10; count += 1) assert.equal((await signIn('alice')).status, 401);
  await killAndStart();
  for (const proof of [used, ahead]) {
    const answer = await caller.get('/notes', proof);
    assert.deepEqual([answer.status, answer.json().code], [401, 'dpop_proof_invalid']);
  }
  // Not a proof from the second of the start, because it may have been used before.
  await eventually('a new proof to count', async () => (await caller.get('/notes')).status === 200);
  assert.equal((await signIn('alice')).status, 429);
  assert.equal((await signIn('bob')).status, 401);
});

it('after kill -9, a client gets the message about a sign-out that it has not accepted yet (Back-Channel Logout 1.0)', async () => {
  const messages: string[] = [];
  let isStuck = true;
  const listener = createServer(async (incoming, outgoing) => {
    messages.push(await text(incoming));
    if (!isStuck) outgoing.end();
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  after(() => {
    listener.closeAllConnections();
    listener.close();
  });
  const admin = adminOf(data);
  const redirectUri = 'https://shop.example/callback';
  const client = await admin('POST', '/admin/clients', {
    name: 'shop',
    grants: ['authorization_code'],
    redirectUris: [redirectUri],
    backchannelLogoutUri: `http://127.0.0.1:${(listener.address() as AddressInfo).port}/`,
  });
  const user = { name: 'carol', password: 'correct horse battery staple' };
  await admin('POST', '/admin/users', { ...user, roles: ['user'] });
  const person = createPerson(server, user);
  const request = new URLSearchParams({
    client_id: String(client.client_id),
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid',
    code_challenge: 'x'.repeat(43),
    code_challenge_method: 'S256',
  });
  assert.ok((await person.goThrough(`/oauth/authorize?${request}`)).searchParams.has('code'));
  await person.submit(await person.open('/logout'), {});
  await eventually('the first attempt', () => messages.length === 1);
  isStuck = false;
  await killAndStart();
  await eventually('the message', () => messages.length === 2);
  const [claims, again] = messages.map((each) => claimsOf(new URLSearchParams(each).get('logout_token')));
  assert.deepEqual([again?.sub, again?.sid], [user.name, claims?.sid]);
  assert.notEqual(again?.jti, claims?.jti, 'a new token, because the first has perhaps expired');
});

it('after kill -9, a used signed request stays used, even one with a time in the future', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const pem = String(publicKey.export({ type: 'spki', format: 'pem' }));
  const added = await adminOf(data)('POST', '/admin/keys/public', { name: 'signer', publicKey: pem });
  const request = { authority: `localhost:${gatewayPort}`, target: '/signed', keyid: String(added.id) };
  const send = (headers: Record<string, string>) =>
    ask({ port: server.port, ca: server.ca, path: '/signed', headers });
  const now = Math.floor(Date.now() / 1000);
  const used = [now, now + 40].map((created) => signedFields(privateKey, request, { created }));
  for (const headers of used) assert.equal((await send(headers)).status, 200);
  await killAndStart();
  for (const headers of used) {
    const answer = await send(headers);
    assert.deepEqual([answer.status, answer.json().code], [401, 'signature_invalid']);
  }
  const fresh = async () => (await send(signedFields(privateKey, request))).status === 200;
  await eventually('a new signature to count', fresh);
});
