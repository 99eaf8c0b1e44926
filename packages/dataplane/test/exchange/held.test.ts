// Messages that are held for signatures: the body of a request until it is verified, and an answer until it
// is signed.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { GatehouseError } from '@gatehouse/access';
import type { Admission, SignedBody } from '../../src/exchange/admission.ts';
import { admitted, startEngine, talk } from '../support/engine.ts';
import { rawUpstream } from '../support/raw-upstream.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const POST = 'POST /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n';
const GET = 'GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
const wrong = new GatehouseError('signature_invalid', 'The content does not match Content-Digest.');

/** A gateway that verifies bodies in this way, and an upstream that records its requests. */
async function holding(t: TestContext, verify: SignedBody['verify'], exchange = {}) {
  const upstream = await rawUpstream(t, (socket) => socket.write(OK));
  const admission: Partial<Admission> = {
    admit(state) {
      state.decision = 'allowed';
      return admitted(upstream.port, state.request.target, { body: { maxBytes: 10, verify } });
    },
  };
  const engine = await startEngine(t, { upstream: upstream.port, admission, exchange });
  return { ...engine, received: () => upstream.received.join('') };
}

test('a verified body is forwarded unchanged', async (t) => {
  const seen: string[] = [];
  const { port, received } = await holding(t, async (octets) => {
    assert.equal(received(), '');
    seen.push(Buffer.from(octets).toString());
  });
  const chunked = `${POST}Transfer-Encoding: chunked\r\n\r\n`;
  assert.match(await talk(port, [chunked, '3\r\none\r\n', '3\r\ntwo\r\n', '0\r\n\r\n']), /^HTTP\/1.1 200 /);
  assert.match(received(), /^POST \/a HTTP\/1.1\r\n.*onetwo/s);
  assert.deepEqual(seen, ['onetwo']);
});

test('a request without a body is also verified', async (t) => {
  const seen: number[] = [];
  const { port } = await holding(t, async ({ length }) => void seen.push(length));
  assert.match(await talk(port, GET), /^HTTP\/1.1 200 /);
  assert.deepEqual(seen, [0]);
});

test('nothing reaches the upstream if the body is wrong, too large, too slow or incomplete', async (t) => {
  const refuse = async () => {
    throw wrong;
  };
  const { port, received, records } = await holding(t, refuse, {
    bodySeconds: 0.3,
    minBodyBytesPerSecond: 1000,
  });
  assert.match(await talk(port, `${POST}Content-Length: 3\r\n\r\none`), /^HTTP\/1.1 401 /);
  assert.match(await talk(port, `${POST}Content-Length: 11\r\n\r\n`), /^HTTP\/1.1 413 /);
  const chunked = `${POST}Transfer-Encoding: chunked\r\n\r\n`;
  assert.match(await talk(port, `${chunked}b\r\nhello world\r\n`), /^HTTP\/1.1 413 /);
  assert.match(await talk(port, `${POST}Content-Length: 9\r\n\r\none`), /^HTTP\/1.1 408 /);
  const client = connect({ port, host: '127.0.0.1' });
  client.end(`${POST}Content-Length: 9\r\n\r\none`);
  await once(client.resume(), 'close');
  assert.equal(received(), '');
  assert.deepEqual(records.map(({ status }) => status).slice(0, 4), [401, 413, 413, 408]);
});

interface Signing {
  answer: string;
  sign?: () => Promise<string[]>;
}

/** A gateway that signs answers, with an upstream that sends this answer. */
async function signing(t: TestContext, { answer, sign = async () => ['Signature', 'x'] }: Signing) {
  const upstream = await rawUpstream(t, (socket) => socket.end(answer));
  const admission: Partial<Admission> = {
    admit(state) {
      state.decision = 'allowed';
      const given = admitted(upstream.port, state.request.target);
      state.route = { ...given.route, signResponses: true };
      return given;
    },
    signer: () => ({ maxBytes: 10, sign }),
  };
  return startEngine(t, { upstream: upstream.port, admission });
}

test('an answer in chunks is sent in one piece with its signature', async (t) => {
  const answer =
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\nX-Trailer: a\r\n\r\n';
  const { port } = await signing(t, { answer });
  const text = await talk(port, GET);
  assert.match(text, /^HTTP\/1.1 200 .*\r\nContent-Length: 6\r\nSignature: x\r\n.*\r\n\r\nonetwo$/s);
  assert.doesNotMatch(text, /chunked|X-Trailer/i);
});

test('an answer that is too large or incomplete becomes a signed 502', async (t) => {
  for (const answer of [
    'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world',
    'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello',
  ]) {
    const { port, records } = await signing(t, { answer });
    assert.match(await talk(port, GET), /^HTTP\/1.1 502 .*\r\nSignature: x\r\n/s);
    assert.equal(records[0]?.status, 502);
  }
});

test('an answer that cannot be signed is not sent at all', async (t) => {
  const sign = async () => {
    throw new Error('no key');
  };
  const { port, records } = await signing(t, { answer: OK, sign });
  assert.equal(await talk(port, GET), '');
  assert.equal(records[0]?.reason, 'the answer could not be signed');
});

test('a client may disconnect while its answer is signed', async (t) => {
  const { promise, resolve } = Promise.withResolvers<string[]>();
  const begun = Promise.withResolvers<void>();
  const { port, records, engine } = await signing(t, {
    answer: OK,
    sign: () => {
      begun.resolve();
      return promise;
    },
  });
  const client = connect({ port, host: '127.0.0.1' });
  client.write(GET);
  await begun.promise;
  client.destroy();
  await once(client, 'close');
  while (records.length === 0) await pause(5);
  resolve(['Signature', 'x']);
  await engine.drain(1);
  assert.equal(records[0]?.status, 499);
});
