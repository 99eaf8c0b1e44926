// Sealed requests through a whole gateway.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import {
  ask,
  fieldOf,
  HOST,
  nowDate,
  octetsOf,
  PATH,
  post,
  readAnswer,
  seal,
  startSealedGateway,
} from '../support/sealed.ts';
import { ROBOT } from '../support/sections.ts';

const codeOf = (content: string) => (JSON.parse(content) as { code: string }).code;

test('a sealed request reaches the upstream, and its answer comes back sealed', async (t) => {
  const gateway = await startSealedGateway(t);
  const content = Buffer.from('{"a":1}');
  const fields = ['content-type', 'application/json', 'x-note', 'mine', 'x-forwarded-for', '6.6.6.6'];
  const answer = await ask(gateway, { method: 'POST', path: '/notes?page=2', fields, content });
  const got = JSON.parse(answer.content);
  assert.equal(answer.status, 200);
  assert.equal(got.method, 'POST');
  assert.equal(got.url, '/notes?page=2');
  assert.equal(got.body, '{"a":1}');
  assert.equal(got.headers['x-note'], 'mine');
  assert.equal(got.headers['content-length'], '7');
  assert.equal(got.headers['x-forwarded-for'], '127.0.0.1');
  assert.equal(got.headers['x-forwarded-host'], HOST);
  const [record] = gateway.records;
  assert.deepEqual(
    [record?.method, record?.path, record?.status, record?.sealed, record?.requestId],
    ['POST', '/notes', 200, true, fieldOf(answer, 'x-request-id')],
  );
});

test('answers of one bucket have the same length', async (t) => {
  const gateway = await startSealedGateway(t, {
    serve: (request, response) => response.end('x'.repeat(Number(request.url?.slice(1)))),
  });
  const lengths = await Promise.all(
    ['/0', '/100', '/300'].map(async (path) => {
      const { message } = await seal(gateway, { path });
      return (await octetsOf(await post(gateway, message))).length;
    }),
  );
  assert.deepEqual(new Set(lengths).size, 1);
});

test('a sealed request has the same authentication, policy and records as any other', async (t) => {
  const routes = [
    { path: '/admin/*', access: 'authenticated' as const },
    { path: '/*', access: 'authenticated' as const },
  ];
  const gateway = await startSealedGateway(t, { routes });
  assert.deepEqual(
    await Promise.all(
      [undefined, 'gk_wrong', ROBOT.key].map(async (key) => {
        const fields = key === undefined ? [] : ['x-api-key', key];
        return (await ask(gateway, { path: '/notes', fields })).status;
      }),
    ),
    [401, 401, 200],
  );
  const denied = await ask(gateway, { method: 'DELETE', path: '/notes', fields: ['x-api-key', ROBOT.key] });
  assert.equal(denied.status, 403);
  assert.ok(gateway.facts.some((fact) => fact.type === 'denied' && fact.code === 'forbidden'));
  assert.equal(gateway.upstream.seen.length, 1);
});

test('the certificate of the connection is not the identity of the sealed request', async (t) => {
  const gateway = await startSealedGateway(t, {
    routes: [{ path: '/*', access: 'authenticated', accept: ['mtls'] }],
  });
  assert.equal((await ask(gateway, {})).status, 401);
});

test('each spelling of a forbidden path is refused inside a sealed request, too', async (t) => {
  const gateway = await startSealedGateway(t, {
    routes: [{ path: '/admin/*', access: 'authenticated' }, { path: '/*' }],
  });
  for (const path of [
    '/admin',
    '/admin/',
    '//admin',
    '/./admin',
    '/x/../admin',
    '/%61dmin',
    '/admin%2fx',
    '/x/%2e%2e/admin',
    '/admin;x',
    '/%2561dmin',
    '/admin%00',
    '/ADMIN/../admin',
    '/admin\\x',
    '/admin.',
  ]) {
    const { status } = await ask(gateway, { path });
    assert.ok([400, 401, 403, 404].includes(status), `${path}: ${status}`);
  }
  assert.deepEqual(gateway.upstream.seen, []);
});

test('accepts every spelling of the path, also in absolute form if it agrees with Host (RFC 9112 §3.2.2)', async (t) => {
  const gateway = await startSealedGateway(t);
  const send = async (target: string) => {
    const { message } = await seal(gateway, { path: '/spelled' });
    const head = `POST ${target} HTTP/1.1\r\nHost: ${HOST}\r\nContent-Type: message/ohttp-req\r\n`;
    const socket = connect({ port: gateway.port, host: '127.0.0.1' });
    socket.write(`${head}Connection: close\r\nContent-Length: ${message.length}\r\n\r\n`);
    socket.write(message);
    let text = '';
    for await (const part of socket.setEncoding('latin1')) text += part;
    const [, status, type] = /^HTTP\/1\.1 (\d+)[\s\S]*?\r\nContent-Type: ([^\r]+)/.exec(text) ?? [];
    return `${status} ${type}`;
  };
  const path = PATH.slice(1);
  for (const target of [
    `https://${HOST}/${path}`,
    `HTTPS://${HOST.toUpperCase()}/${path}`,
    '/%2ewell-known/%6Fhttp-gateway',
  ])
    assert.equal(await send(target), '200 message/ohttp-res', target);
  assert.match(await send(`https://other.example/${path}`), /^400 application\/problem/);
  assert.deepEqual(gateway.upstream.seen, Array(3).fill('GET /spelled'));
  for (const [target, seen] of [
    [`https://${HOST}/${path}?x`, `POST ${PATH}?x`],
    [`/${path}/`, `POST ${PATH}/`],
  ] as const) {
    assert.doesNotMatch(await send(target), /ohttp-res/);
    assert.equal(gateway.upstream.seen.at(-1), seen, 'another path is an ordinary path');
  }
});

test('accepts each encapsulation once', async (t) => {
  const gateway = await startSealedGateway(t);
  const { message, openResponse } = await seal(gateway, { path: '/once' });
  const first = await octetsOf(await post(gateway, message));
  const second = await octetsOf(await post(gateway, message));
  assert.equal(readAnswer(await openResponse(first)).status, 200);
  const replayed = readAnswer(await openResponse(second));
  assert.deepEqual([replayed.status, codeOf(replayed.content)], [400, 'sealed_request_replayed']);
  assert.deepEqual(gateway.upstream.seen, ['GET /once']);
  // For an observer, the two answers have the same length.
  assert.equal(first.length, second.length);
});

test('refuses a Date that is missing or too far away, and sends its own time (RFC 9458 §6.5.2)', async (t) => {
  const gateway = await startSealedGateway(t);
  for (const date of [undefined, nowDate(-40), nowDate(40), 'yesterday', '2026-11-30T00:00:00Z']) {
    const answer = await ask(gateway, { date });
    const problem = JSON.parse(answer.content);
    assert.equal(answer.status, 400);
    assert.equal(problem.type, 'https://iana.org/assignments/http-problem-types#date');
    assert.ok(Math.abs(Date.parse(fieldOf(answer, 'date') ?? '') - Date.now()) < 5000);
  }
  assert.deepEqual(gateway.upstream.seen, []);
});

test('refuses requests that were sealed before the server started, because it no longer has the used encapsulations', async (t) => {
  const notBefore = Math.floor(Date.now() / 1000) + 5;
  const gateway = await startSealedGateway(t, { sealing: { notBefore } });
  assert.equal(codeOf((await ask(gateway, {})).content), 'sealed_request_date');
});

test('refuses another host, another scheme, and a sealed request in a sealed one', async (t) => {
  const gateway = await startSealedGateway(t);
  for (const [asked, code] of [
    [{ authority: 'other.example' }, 'host_invalid'],
    [{ authority: '' }, 'host_invalid'],
    [{ authority: HOST, fields: ['host', 'other.example'] }, 'host_invalid'],
    [{ scheme: 'http' }, 'bad_request'],
    [{ method: 'POST', path: PATH }, 'bad_request'],
    [{ method: 'POST', path: '/.well-known/%6fhttp-gateway' }, 'bad_request'],
    [{ fields: ['authorization', 'a', 'authorization', 'b'] }, 'bad_request'],
  ] as const) {
    const fields = 'fields' in asked ? [...asked.fields] : [];
    const answer = await ask(gateway, { ...asked, fields });
    assert.deepEqual([answer.status, codeOf(answer.content)], [400, code], JSON.stringify(asked));
  }
  assert.deepEqual(gateway.upstream.seen, []);
});

test('also serves the host of the connection', async (t) => {
  const gateway = await startSealedGateway(t);
  assert.equal((await ask(gateway, { authority: new URL(gateway.url).host })).status, 200);
});

test('refuses all requests that it cannot open with the same unencrypted answer', async (t) => {
  const gateway = await startSealedGateway(t);
  const { message } = await seal(gateway, {});
  const changed = Uint8Array.from(message);
  changed[1200] = (changed[1200] as number) ^ 1;
  const answers = await Promise.all(
    [changed, message.subarray(0, 500), message.subarray(0, -1), new Uint8Array(0), Buffer.from('hello')].map(
      async (octets) => {
        const response = await post(gateway, octets);
        const { request_id: _, ...problem } = (await response.json()) as Record<string, unknown>;
        return JSON.stringify([response.status, problem]);
      },
    ),
  );
  assert.equal(new Set(answers).size, 1);
  assert.match(answers[0] ?? '', /^\[400,.*sealed_request_invalid/);
  assert.equal(gateway.records.at(-1)?.decision, 'refused');
});

test('reports an unknown key to the client (RFC 9458 §5.3)', async (t) => {
  const gateway = await startSealedGateway(t);
  const { message } = await seal(gateway, {});
  const response = await post(gateway, Uint8Array.of(1, ...message.subarray(1)));
  const { type } = (await response.json()) as { type: string };
  assert.equal(type, 'https://iana.org/assignments/http-problem-types#ohttp-key');
});

test('refuses a message without Binary HTTP inside', async (t) => {
  const gateway = await startSealedGateway(t);
  const { sealRequest } = await import('@gatehouse/protocol');
  const { message, openResponse } = await sealRequest(gateway.target, Buffer.from('GET / HTTP/1.1'));
  const answer = readAnswer(await openResponse(await octetsOf(await post(gateway, message))));
  assert.deepEqual([answer.status, codeOf(answer.content)], [400, 'bad_request']);
});

test('refuses other media types and large messages before it takes them', async (t) => {
  const gateway = await startSealedGateway(t);
  assert.equal((await post(gateway, 'x', 'text/plain')).status, 415);
  assert.equal((await post(gateway, new Uint8Array(100_001))).status, 413);
  const stream = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(50_000)),
  });
  // The connection may end before the whole body is sent.
  const status = await post(gateway, stream).then(
    (response) => response.status,
    () => 413,
  );
  assert.equal(status, 413);
});

test('offers its signed keys only for its own hosts', async (t) => {
  const gateway = await startSealedGateway(t);
  const { port } = gateway;
  const get = (method: string, host: string) =>
    new Promise<string>((resolve) => {
      let text = '';
      const socket = connect({ port, host: '127.0.0.1' });
      socket.setEncoding('latin1').on('data', (part) => {
        text += part;
      });
      socket.on('close', () => resolve(text)).on('end', () => socket.end());
      socket.write(`${method} ${PATH} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    });
  const answer = await get('GET', HOST);
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(answer, /\r\nContent-Type: application\/ohttp-keys\r\n/);
  assert.match(answer, /\r\nSignature: sig=:AA==:\r\n/);
  assert.ok(answer.endsWith(Buffer.from(gateway.sealing.offer).toString('latin1')));
  assert.match(await get('GET', 'other.example'), /^HTTP\/1\.1 400 /);
  assert.match(await get('GET', '__proto__'), /^HTTP\/1\.1 400 /);
  assert.match(await get('HEAD', HOST), /^HTTP\/1\.1 200 [\s\S]*\r\n\r\n$/);
  assert.match(await get('DELETE', HOST), /^HTTP\/1\.1 405 /);
});

test('without keys, the path is an ordinary path', async (t) => {
  const gateway = await startSealedGateway(t);
  gateway.remove('sealing', 'default');
  const { message } = await seal(gateway, {});
  const got = (await (await post(gateway, message)).json()) as { url: string };
  assert.equal(got.url, PATH);
});

test('a connection serves other requests after a sealed one', async (t) => {
  const gateway = await startSealedGateway(t);
  const { message } = await seal(gateway, { path: '/sealed' });
  const socket = connect({ port: gateway.port, host: '127.0.0.1' });
  t.after(() => void socket.destroy());
  const sealed = Buffer.concat([
    Buffer.from(
      `POST ${PATH} HTTP/1.1\r\nHost: ${HOST}\r\nContent-Type: message/ohttp-req\r\nContent-Length: ${message.length}\r\n\r\n`,
    ),
    message,
  ]);
  const plain = Buffer.from(`GET /plain HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`);
  let text = '';
  socket.setEncoding('latin1').on('data', (part) => {
    text += part;
  });
  const over = new Promise((resolve) => socket.on('end', resolve));
  socket.write(Buffer.concat([sealed, plain]));
  await over;
  assert.match(text, /^HTTP\/1\.1 200 OK\r\nContent-Type: message\/ohttp-res\r\n[\s\S]*"url":"\/plain"/);
  assert.deepEqual(gateway.upstream.seen, ['GET /sealed', 'GET /plain']);
});

test('an answer to HEAD comes without content and without a length that would contradict it', async (t) => {
  const gateway = await startSealedGateway(t, {
    serve: (_, response) => response.writeHead(200, { 'content-length': '100', etag: '"1"' }).end(),
  });
  const answer = await ask(gateway, { method: 'HEAD' });
  assert.deepEqual([answer.status, answer.content, fieldOf(answer, 'etag')], [200, '', '"1"']);
  assert.equal(fieldOf(answer, 'content-length'), undefined);
});

test('an answer that is too large for the memory ends the connection', async (t) => {
  const gateway = await startSealedGateway(t, {
    serve: (_, response) => response.end('x'.repeat(200_000)),
  });
  const { message } = await seal(gateway, {});
  await assert.rejects(post(gateway, message).then(octetsOf));
  assert.match(gateway.records.at(-1)?.reason ?? '', /cannot be sealed/);
});

test('a changed key is in force at once, and a removed key is refused at once', async (t) => {
  const gateway = await startSealedGateway(t);
  const { message } = await seal(gateway, {});
  const [key] = gateway.sealing.keys;
  gateway.put('sealing', 'default', { ...gateway.sealing, keys: [{ ...key, id: 10 }] });
  assert.equal(codeOf(await (await post(gateway, message)).text()), 'sealed_key_unknown');
});
