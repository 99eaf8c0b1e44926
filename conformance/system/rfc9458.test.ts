// Oblivious HTTP (RFC 9458) through a proxy that ends TLS and logs everything: the client seals, the gateway
// opens, and no program in between can read or change the content.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { apiKey, client, type SealSigner, seal, sign, trust } from '@gatehouse/client';
import { openChannel } from '@gatehouse/client/channel';
import {
  padMessage,
  readKeyConfigurations,
  sealRequest,
  usableConfigurations,
  writeBinaryRequest,
} from '@gatehouse/protocol';
import { eventually } from '../support/conditions.ts';
import { gatehouse, oneLine } from '../support/gatehouse-command.ts';
import { ask } from '../support/https-client.ts';
import { startLoggingProxy, withoutLoggingProxy } from '../support/logging-proxy.ts';
import { SPELLINGS } from '../support/path-spellings.ts';
import { freePorts } from '../support/ports.ts';
import { startServer } from '../support/server-under-test.ts';
import { createTestAuthority } from '../support/test-authority.ts';
import { startRecordingUpstream } from '../support/upstreams.ts';

const PATH = '/.well-known/ohttp-gateway';
const ROUTES = [
  { path: '/admin/*', allow: { roles: ['admin'] } },
  { path: '/notes/*', allow: { roles: ['user'] } },
  { path: '/signed/*', accept: ['signature'] },
  { path: '/channel', access: 'public', channel: 'open' },
  { path: '/*', access: 'public' },
];
const skip = withoutLoggingProxy();
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-rfc9458-'));
after(() => rmSync(folder, { recursive: true }));

async function startWorld() {
  const upstream = await startRecordingUpstream();
  upstream.on('/notes/secret-path', (_, response, { headers }) => {
    response.end(
      JSON.stringify({ answer: 'secret answer', assertion: headers['gatehouse-assertion'] !== undefined }),
    );
  });
  const [proxyPort = 0, port = 0] = await freePorts(2);
  const server = await startServer({
    upstream: upstream.origin,
    set: [
      'gateway.workers=2',
      `gateway.listen=127.0.0.1:${port}`,
      `gateway.url=https://localhost:${proxyPort}`,
      `gateway.routes=${JSON.stringify(ROUTES)}`,
    ],
  });
  const proxy = await startLoggingProxy(proxyPort, port);
  const { key } = await server.createKey(['user']);
  const http = client().with(trust({ ca: proxy.root }), apiKey(key));
  after(async () => {
    await http.close();
    await proxy.stop();
    await server.stop();
    await upstream.close();
  });
  return { upstream, server, port, proxy, key, http, sealed: http.with(seal({ ca: server.ca })) };
}

describe('sealed requests through a proxy that ends TLS', { skip }, async () => {
  const { upstream, server, port, proxy, key, http, sealed } = skip ? ({} as never) : await startWorld();
  const SECRETS = () => ['secret-path', 'secret body', 'secret answer', key];

  it('reach the upstream with their caller, and the proxy cannot read them', async () => {
    const body = { body: 'secret body', headers: { 'x-mine': 'secret field' } };
    const answer = await sealed.post(`${proxy.url}/notes/secret-path`, body);
    assert.equal(answer.status, 200);
    const { answer: text, assertion } = await sealed
      .get(`${proxy.url}/notes/secret-path`)
      .json<{ answer: string; assertion: boolean }>();
    assert.deepEqual([text, assertion], ['secret answer', true]);
    const seen = () => proxy.log().toString('latin1');
    await eventually('nginx to write its log', () => seen().match(/^POST \S+ohttp-gateway/gm)?.length === 2);
    const log = seen();
    for (const secret of SECRETS()) assert.ok(!log.includes(secret), secret);
  });

  it('are in the access log as sealed, with their caller and their path', async () => {
    const record = await eventually('the access log', () =>
      server.accessLog().findLast(({ path }) => path === '/notes/secret-path'),
    );
    assert.deepEqual([record.sealed, record.via, record.status], [true, 'apiKey', 200]);
  });

  it('and without the seal, the proxy can read everything', async () => {
    await http.post(`${proxy.url}/notes/secret-path`, { body: 'secret body' }).text();
    await eventually('nginx to write its log', () => {
      const log = proxy.log().toString('latin1');
      return SECRETS().every((secret) => log.includes(secret));
    });
  });

  it('may be signed inside, once, for the sealed method, host, path and content', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const body = {
      name: 'signer',
      publicKey: publicKey.export({ type: 'spki', format: 'pem' }),
      roles: ['admin'],
    };
    const { id: keyId } = await server.admin('POST', '/admin/keys/public', body);
    const signing = { key: privateKey, keyId: String(keyId) };
    for (const chunked of [false, true]) {
      const inside = client().with(
        trust({ ca: proxy.root }),
        seal({ ca: server.ca, chunked }),
        sign(signing),
      );
      assert.equal((await inside.get(`${proxy.url}/signed/a?b`)).status, 200);
      assert.equal((await inside.put(`${proxy.url}/signed/a`, { body: 'signed body' })).status, 200);
      await inside.close();
    }
    assert.equal((await sealed.get(`${proxy.url}/signed/a`)).status, 401);
  });

  it('get only the fields of the gateway that it makes itself', async () => {
    const forged = {
      'gatehouse-assertion': 'forged',
      'x-forwarded-for': '203.0.113.1',
      'x-request-id': 'forged',
      forwarded: 'for=203.0.113.1',
    };
    assert.equal((await sealed.get(`${proxy.url}/notes/forged`, { headers: forged })).status, 200);
    const { headers } = upstream.requests.findLast(({ url }) => url === '/notes/forged') ?? {};
    assert.match(String(headers?.['gatehouse-assertion']), /^ey/);
    assert.doesNotMatch(String(headers?.['x-forwarded-for']), /203/);
    assert.doesNotMatch(String(headers?.forwarded), /203/);
  });

  it('can lead to an encrypted endpoint, whose messages are sealed once more', async () => {
    const transport = client().with(trust({ ca: proxy.root }), seal({ ca: server.ca }));
    const channel = await openChannel({ transport, url: `${proxy.url}/channel` }, { roots: server.ca });
    assert.match(Buffer.from((await channel.send('twice')).content ?? []).toString(), /^reached POST/);
    await transport.close();
  });

  it('are transmitted in chunks, in both directions', async () => {
    upstream.on('/echo', (request, response) => void request.pipe(response));
    const inChunks = http.with(seal({ ca: server.ca, chunked: true }));
    const text = 'long '.repeat(100_000);
    assert.equal(await inChunks.post(`${proxy.url}/echo`, { body: text }).text(), text);
  });

  it('are accepted once by all processes together', async () => {
    const keys = await ask({
      port,
      ca: server.ca,
      path: PATH,
      headers: { host: new URL(proxy.url).host },
    });
    const [target] = usableConfigurations(readKeyConfigurations(keys.body));
    assert(target);
    const { host: authority } = new URL(proxy.url);
    const fields = ['date', new Date().toUTCString()];
    const head = { method: 'GET', scheme: 'https', authority, path: '/once', fields };
    const { message } = await sealRequest(target, padMessage(writeBinaryRequest(head)));
    const headers = { 'content-type': 'message/ohttp-req', 'content-length': String(message.length) };
    const body = Buffer.from(message);
    await Promise.all(
      Array.from({ length: 12 }, () =>
        ask({ port, ca: server.ca, method: 'POST', path: PATH, headers, body }),
      ),
    );
    assert.equal(upstream.requests.filter(({ url }) => url === '/once').length, 1);
  });

  it('with a forbidden path inside are refused like unsealed ones, in every spelling', async () => {
    const before = upstream.requests.length;
    const { host: authority } = new URL(proxy.url);
    const keys = await ask({ port, ca: server.ca, path: PATH, headers: { host: authority } });
    const [target] = usableConfigurations(readKeyConfigurations(keys.body));
    assert(target);
    const paths = Object.values(SPELLINGS)
      .flat()
      .filter((path) => /^\/[!-~]*$/.test(path));
    for (const path of paths) {
      const fields = ['x-api-key', key, 'date', new Date().toUTCString()];
      const head = { method: 'GET', scheme: 'https', authority, path, fields };
      const { message } = await sealRequest(target, padMessage(writeBinaryRequest(head)));
      const headers = { 'content-type': 'message/ohttp-req', 'content-length': String(message.length) };
      await ask({
        port,
        ca: server.ca,
        method: 'POST',
        path: PATH,
        headers,
        body: Buffer.from(message),
      });
    }
    assert.ok(paths.length > 50);
    const reached = upstream.requests.slice(before).map(({ url }) => url);
    assert.deepEqual(
      reached.filter((url) => /admin/i.test(decodeURIComponent(url))),
      [],
    );
  });

  it('are refused by the client if the keys are not signed by the authority that it trusts', async () => {
    const stranger = http.with(seal({ ca: createTestAuthority().root }));
    await assert.rejects(stranger.get(`${proxy.url}/notes/secret-path`).text(), { code: 'seal_trust' });
    const pinned = http.with(seal({ pins: [`sha256/${'A'.repeat(43)}=`] }));
    await assert.rejects(pinned.get(`${proxy.url}/notes/secret-path`).text(), { code: 'pin' });
  });

  it('are sealed for the pinned signer, and not with keys that are older than known ones', async () => {
    const signers: SealSigner[] = [];
    const first = http.with(seal({ ca: server.ca, onSigner: (signer) => signers.push(signer) }));
    await first.get(`${proxy.url}/`).text();
    const [signer] = signers;
    assert(signer);
    assert.match(signer.digits, /^\d{5}( \d{5}){7}$/);
    assert.equal((await http.with(seal({ pins: [signer.pin] })).get(`${proxy.url}/`)).status, 200);
    const older = http.with(seal({ pins: [signer.pin], seen: { ...signer, epoch: signer.epoch + 1 } }));
    await assert.rejects(older.get(`${proxy.url}/`).text(), { code: 'seal_trust' });
  });

  it('correct the clock of the client once, by the Date of the gateway', async () => {
    const late = http.with(seal({ ca: server.ca, now: () => Date.now() - 300_000 }));
    assert.equal((await late.get(`${proxy.url}/`)).status, 200);
  });

  it('can also be made by gatehouse request --seal', async () => {
    const [root, ca, keyFile] = ['proxy.pem', 'root.pem', 'key'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(root, proxy.root);
    writeFileSync(ca, server.ca);
    writeFileSync(keyFile, key, { mode: 0o600 });
    const url = `${proxy.url}/notes/secret-path`;
    const sealing = ['--seal', '--seal-ca', ca, '--cacert', root, '--key-file', keyFile];
    const outcome = await gatehouse(['request', url, ...sealing]);
    assert.equal(outcome.status, 0, outcome.stderr);
    assert.match(outcome.stdout, /secret answer/);
    assert.match(outcome.stderr, /signed by sha256\/\S+ \(\d{5} /);
    const refused = await gatehouse(['request', url, '--seal', '--cacert', root, '--key-file', keyFile]);
    assert.equal(refused.status, 5, oneLine(refused));
  });

  it('are refused by gatehouse request --seal if another key signs, or if the keys are older than before', async () => {
    const files = { 'seen-proxy.pem': proxy.root, 'seen-root.pem': server.ca, 'seen.key': key };
    for (const [name, content] of Object.entries(files))
      writeFileSync(join(folder, name), content, { mode: 0o600 });
    const file = (name: keyof typeof files) => join(folder, name);
    const environment = { XDG_CONFIG_HOME: join(folder, 'config') };
    const stored = join(folder, 'config/gatehouse/known-signers.json');
    const ask = (...more: string[]) =>
      gatehouse(
        [
          ...['request', `${proxy.url}/notes/secret-path`, '--key-file', file('seen.key')],
          ...['--cacert', file('seen-proxy.pem'), '--seal', '--seal-ca', file('seen-root.pem'), ...more],
        ],
        { environment },
      );
    assert.equal((await ask()).status, 0);
    const [entry] = JSON.parse(readFileSync(stored, 'utf8')) as { pin: string; epoch: number }[];
    assert(entry);
    const seen = (changes: object) => writeFileSync(stored, JSON.stringify([{ ...entry, ...changes }]));
    const before = upstream.requests.length;
    const other = `sha256/${'A'.repeat(43)}=`;
    seen({ pin: other });
    const another = await ask();
    assert.equal(another.status, 6);
    assert.ok(another.stderr.includes(`signed by ${entry.pin}`) && another.stderr.includes('--seal-pin'));
    assert.equal((await ask('--seal-pin', other)).status, 6);
    seen({ epoch: entry.epoch + 1 });
    const older = await ask();
    assert.equal(older.status, 5);
    assert.match(older.stderr, /epoch \d+, and \d+ was seen before.*known-signers\.json/);
    assert.equal(upstream.requests.length, before, 'nothing was sent');
    seen({ pin: other });
    assert.equal((await ask('--seal-pin', entry.pin)).status, 0);
    assert.equal((await ask()).status, 0, 'the pin that was named is stored');
  });
});
