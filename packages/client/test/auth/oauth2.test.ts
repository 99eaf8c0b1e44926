// Client credentials: requests that need a token at the same time share one request for it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { createTokenSource } from '../../src/auth/oauth2/token-source.ts';
import { client, oauth2, type Progress } from '../../src/index.ts';

async function start(t: TestContext) {
  const state = { issued: 0, valid: '', forms: [] as string[], basic: '', refused: 0 };
  const server = createServer(async (request, response) => {
    if (request.url === '/token') {
      state.forms.push(await text(request));
      state.basic = Buffer.from(String(request.headers.authorization).slice(6), 'base64').toString();
      if (!state.basic.endsWith(':s%2Bcret'))
        return response.writeHead(401).end('{"error":"invalid_client"}');
      state.issued += 1;
      state.valid = `token-${state.issued}`;
      return response.end(
        JSON.stringify({ access_token: state.valid, token_type: 'Bearer', expires_in: 60 }),
      );
    }
    const isValid = request.headers.authorization === `Bearer ${state.valid}`;
    if (!isValid) state.refused += 1;
    return response.writeHead(isValid ? 200 : 401).end(isValid ? 'fine' : 'no');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let nowMs = 0;
  const base = client();
  const calling = (clientSecret = 's+cret') =>
    base.with(
      oauth2.clientCredentials(
        { tokenEndpoint: `${origin}/token`, clientId: 'reports', clientSecret, scope: 'a b' },
        () => nowMs,
      ),
    );
  t.after(async () => {
    await base.close();
    server.close();
  });
  const later = (seconds: number) => {
    nowMs += seconds * 1000;
  };
  return { state, origin, calling, later };
}

test('100 requests wait for one token, and 100 requests that get 401 for one new token', async (t) => {
  const { state, origin, calling } = await start(t);
  const http = calling();
  const hundred = () => Promise.all(Array.from({ length: 100 }, () => http.get(origin).text()));
  assert.deepEqual(new Set(await hundred()), new Set(['fine']));
  assert.equal(state.issued, 1);
  state.valid = 'revoked';
  assert.deepEqual(new Set(await hundred()), new Set(['fine']));
  assert.equal(state.issued, 2);
});

test('sends the encoded id and secret as Basic (RFC 6749 §2.3.1) and the scope', async (t) => {
  const { state, origin, calling } = await start(t);
  await calling().get(origin).text();
  assert.equal(state.basic, 'reports:s%2Bcret');
  assert.deepEqual(state.forms, ['grant_type=client_credentials&scope=a+b']);
});

test('the progress of a request does not count the request for its token', async (t) => {
  const { origin, calling } = await start(t);
  const up: number[] = [];
  const onProgress = ({ direction, bytes }: Progress) => direction === 'up' && up.push(bytes);
  await calling().post(origin, { body: 'four', onProgress }).text();
  assert.deepEqual(new Set(up), new Set([4]));
});

test('gets a new token before the old one expires', async (t) => {
  const { state, origin, calling, later } = await start(t);
  const http = calling();
  await http.get(origin).text();
  later(55);
  await http.get(origin).text();
  assert.deepEqual([state.issued, state.refused], [2, 0]);
});

test('reports why the authorization server refused, without the secret, and asks again next time', async (t) => {
  const { state, origin, calling } = await start(t);
  const http = calling('wrong');
  for (const _ of [1, 2]) {
    await assert.rejects(http.get(origin), (error: Error) => {
      assert.match(error.message, /did not issue a token \(401 invalid_client\): check the client id/);
      assert.equal(error.name, 'AuthError');
      return true;
    });
  }
  assert.equal(state.forms.length, 2);
});

test('a request that is refused after a refresh has failed asks with the refused token, not without', async () => {
  const asked: (string | undefined)[] = [];
  let fails = false;
  const source = createTokenSource<string, undefined>({
    async obtain(_context, refused) {
      asked.push(refused);
      if (fails) throw new Error('the server is busy');
      return `token-${asked.length}`;
    },
    isOver: () => false,
  });
  const used = source.current(undefined);
  await used;
  fails = true;
  const waiting = Array.from({ length: 100 }, () => source.after(used, undefined));
  for (const { status } of await Promise.allSettled(waiting)) assert.equal(status, 'rejected');
  fails = false;
  assert.equal(await source.after(used, undefined), 'token-3');
  assert.deepEqual(asked, [undefined, 'token-1', 'token-1']);
});
