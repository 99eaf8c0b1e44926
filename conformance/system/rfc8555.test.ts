// ACME (RFC 8555) beyond ordinary clients: many orders at once, a server that is killed, validation of
// forbidden addresses (§10.4), requests that are replayed or ask for too much (§6.4, §6.5, §7.4).
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readCertificate } from '@gatehouse/x509';
import type { AcmeAnswer, AcmeClient, Order } from '../support/acme-client.ts';
import { createAcmeClient, csrFor } from '../support/acme-client.ts';
import { startAcmeServer } from '../support/acme-server.ts';
import type { ChallengeServer } from '../support/challenge-server.ts';
import { startChallengeServer } from '../support/challenge-server.ts';
import { eventually } from '../support/conditions.ts';
import { run, up } from '../support/gatehouse-command.ts';
import { ask } from '../support/https-client.ts';
import { freePorts } from '../support/ports.ts';
import { without } from '../support/programs.ts';
import { leafOf, serialOf } from '../support/revocation.ts';

const acme = await startAcmeServer(['acme.networks=127.0.0.0/8', 'acme.names=*.example']);
const { server, dns, httpPort } = acme;
const web = await startChallengeServer({ port: httpPort });
const client = await createAcmeClient(server, web);
await client.register();
const { newOrder = '', newAccount = '' } = client.directory;
after(async () => {
  client.close();
  web.close();
  await acme.stop();
});

/** For slow steps on a busy machine. */
const PATIENCE_MS = 60_000;

describe('many orders of one account', () => {
  it('all succeed: 300 of them, eight at a time', async (t) => {
    const names = Array.from({ length: 300 }, (_, index) => `node-${index}.example`);
    const requests = names.map((name) => ({ name, csr: csrFor(name) }));
    const serials = new Map<string, string>();
    const startedAt = performance.now();
    const worker = async () => {
      for (let next = requests.pop(); next; next = requests.pop()) {
        const { serialNumber, subjectAltNames } = readCertificate(
          leafOf(await client.obtain(next.csr, next.name)),
        );
        assert.deepEqual(subjectAltNames, [{ type: 'dNSName', value: next.name }]);
        serials.set(serialNumber, next.name);
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    t.diagnostic(`${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
    assert.deepEqual([...serials.values()].sort(), names.sort());
  });

  it('give one certificate each, even if they are finalized several times at once (§7.4)', async () => {
    const order = await client.order('once.example');
    await client.proveAll(order);
    const finalized = await Promise.all(
      Array.from({ length: 8 }, () => client.post(order.finalize, { csr: csrFor('once.example') })),
    );
    assert.equal(finalized.filter(({ status }) => status === 200).length, 1);
    const refused = finalized.filter(({ status }) => status !== 200);
    assert.ok(refused.every((answer) => errorOf(answer) === 'orderNotReady'));
    const issued = await server.admin('GET', '/admin/certificates?name=once.example');
    assert.equal((issued.certificates as unknown[]).length, 1);
  });
});

describe('kill -9 during orders', () => {
  it('loses nothing acknowledged, and lets every client continue', async (t) => {
    const [control = 0, http = 0] = await freePorts(2);
    const data = mkdtempSync(join(tmpdir(), 'gatehouse-killed-'));
    const set = [`control.listen=127.0.0.1:${control}`, `acme.httpPort=${http}`, 'gateway.workers=1'];
    const challenges = await startChallengeServer({ port: http });
    t.after(() => {
      challenges.close();
      rmSync(data, { recursive: true, force: true });
    });
    const killed = await up({ data, set });
    const alive = await createAcmeClient(killed, challenges);
    t.after(alive.close);
    await alive.register();
    const orders = new Map<Order, { csr: string; certificate?: string }>();
    const busy = orderUntilItFails(alive, orders);
    const finished = () => [...orders.values()].filter(({ certificate }) => certificate !== undefined);
    await eventually('some certificates', () => finished().length >= 20, PATIENCE_MS);
    // This comes last, because a validation ends by itself after some seconds.
    const hanging = await orderWhoseValidationHangs(alive, challenges);
    process.kill(killed.pid, 'SIGKILL');
    await busy;
    await killed.ended;

    const restarted = await up({ data, set });
    t.after(restarted.stop);
    const unfinished = orders.size - finished().length;
    t.diagnostic(`${finished().length} orders were finished, ${unfinished} were not`);
    await eventually(
      'the validation to be taken up again',
      async () => (await alive.must(hanging.url)).body.status === 'ready',
      PATIENCE_MS,
    );
    orders.set(hanging, { csr: csrFor(HANGING) });
    const serials: string[] = [];
    for (const [order, { csr, certificate }] of orders) {
      const chain = certificate ?? (await goOn(alive, order, csr));
      serials.push(serialOf((await alive.must(chain)).text));
    }
    const inventory = await restarted.json<{ serial: string }[]>('cert', 'list');
    const known = new Set(inventory.map(({ serial }) => serial));
    assert.deepEqual(
      serials.filter((serial) => !known.has(serial)),
      [],
    );
    assert.equal((await restarted.json<{ ok: boolean }>('audit', 'verify')).ok, true);
  });
});

const HANGING = 'hanging.localhost';

/** An order whose challenge was answered. Its validation waits for our web server, and is stored as such. */
async function orderWhoseValidationHangs(alive: AcmeClient, challenges: ChallengeServer): Promise<Order> {
  challenges.handle = (_, response) => {
    if (challenges.requests.at(-1)?.startsWith(HANGING)) return;
    const token = challenges.requests.at(-1)?.split('/').at(-1) ?? '';
    response.end(challenges.answers.get(token));
  };
  const order = await alive.order(HANGING);
  const [authorization = ''] = order.authorizations;
  const { body } = await alive.must(authorization);
  const challenge = body.challenges.find(({ type }) => type === 'http-01');
  assert.ok(challenge);
  challenges.answers.set(challenge.token, alive.keyAuthorization(challenge.token));
  assert.equal((await alive.must(challenge.url, {})).body.status, 'processing');
  challenges.handle = undefined;
  return order;
}

/** Four at a time. Records each order that the server acknowledged, and the URL of its certificate. */
async function orderUntilItFails(
  alive: AcmeClient,
  orders: Map<Order, { csr: string; certificate?: string }>,
): Promise<void> {
  let count = 0;
  const worker = async () => {
    for (;;) {
      count += 1;
      const name = `host-${count}.localhost`;
      const csr = csrFor(name);
      const order = await alive.order(name);
      orders.set(order, { csr });
      await alive.proveAll(order);
      orders.set(order, { csr, certificate: await alive.finalize(order, csr) });
    }
  };
  const ends = await Promise.allSettled([1, 2, 3, 4].map(worker));
  for (const end of ends) {
    const code = end.status === 'rejected' && (end.reason as NodeJS.ErrnoException).code;
    assert.match(String(code), /^ECONN(RESET|REFUSED)$/, String(end.status === 'rejected' && end.reason));
  }
}

/** A client that has only the URL of its order reads the status and continues from there. */
async function goOn(alive: AcmeClient, order: Order, csr: string): Promise<string> {
  const { status, certificate } = (await alive.must(order.url)).body;
  if (status === 'valid') return certificate;
  assert.match(status, /^(pending|ready)$/);
  await alive.proveAll(order);
  return alive.finalize(order, csr);
}

describe('a validation of a forbidden address (§10.4)', () => {
  const unreachable: Record<string, { A?: string[]; AAAA?: string[] }> = {
    'metadata.example': { A: ['169.254.169.254'] },
    'public.example': { A: ['203.0.113.10'], AAAA: ['2001:db8::10'] },
    'other-loopback.example': { A: [], AAAA: ['::1'] },
    'mapped.example': { A: [], AAAA: ['::ffff:7f00:1'] },
    'unspecified.example': { A: ['0.0.0.0'] },
  };
  for (const [name, records] of Object.entries(unreachable)) dns.zone.set(name, records);

  const prove = async (name: string, type = 'http-01') => {
    const [authorization = ''] = (await client.order(name)).authorizations;
    const { status, challenges } = await client.prove(authorization, type);
    const error = challenges.find((each) => each.type === type)?.error;
    return { status, detail: error?.detail ?? '' };
  };

  it('connects to no address outside acme.networks, with any challenge', async (t) => {
    const forbidden = await listenOnIpv6Loopback();
    if (!forbidden) return t.skip('needs IPv6 on the loopback interface');
    t.after(forbidden.close);
    const before = web.requests.length;
    for (const name of Object.keys(unreachable)) {
      for (const type of ['http-01', 'tls-alpn-01']) {
        const { status, detail } = await prove(name, type);
        assert.deepEqual([name, status], [name, 'invalid']);
        assert.match(detail, /where validation does not connect: see acme\.networks/);
      }
    }
    assert.equal(web.requests.length + forbidden.requests.length - before, 0);
  });

  it('follows no redirect there, nor to another port or scheme', async (t) => {
    const forbidden = await listenOnIpv6Loopback();
    if (!forbidden) return t.skip('needs IPv6 on the loopback interface');
    t.after(forbidden.close);
    t.after(() => {
      web.handle = undefined;
    });
    const refusals: [location: string, reason: RegExp][] = [
      ['http://169.254.169.254/latest/meta-data/', /169\.254\.169\.254, where validation does not connect/],
      ['http://metadata.example/latest/meta-data/', /169\.254\.169\.254, where validation does not connect/],
      [`http://[::1]:${httpPort}/`, /::1, where validation does not connect/],
      [`http://other-loopback.example:${httpPort}/`, /::1, where validation does not connect/],
      [`http://127.0.0.1:${server.controlPort}/`, /to port \d+, where validation does not connect/],
      ['file:///etc/passwd', /other than a plain http or https URL/],
      [`http://user:secret@redirected.example:${httpPort}/`, /other than a plain http or https URL/],
    ];
    for (const [index, [location, reason]] of refusals.entries()) {
      web.handle = (_, response) => void response.writeHead(302, { location }).end();
      const before = web.requests.length;
      const { status, detail } = await prove(`redirected-${index}.example`);
      assert.deepEqual([location, status], [location, 'invalid']);
      assert.match(detail, reason);
      assert.equal(web.requests.length - before, 1);
    }
    assert.equal(forbidden.requests.length, 0);
  });

  it('connects to exactly the address that it looked up and checked (DNS rebinding)', async () => {
    const answers = [['127.0.0.1'], ['169.254.169.254']];
    dns.zone.set('rebinding.example', () => ({ A: answers.shift() ?? [] }));
    assert.equal((await prove('rebinding.example')).status, 'valid');
    assert.equal(dns.questions.filter((question) => question === 'A rebinding.example').length, 1);
  });

  it('does not quote the content that it found instead', async (t) => {
    t.after(() => {
      web.handle = undefined;
    });
    web.handle = (_, response) => void response.end('inner secret');
    const { status, detail } = await prove('leaky.example');
    assert.equal(status, 'invalid');
    assert.doesNotMatch(detail, /inner secret/);
  });
});

describe('a request', () => {
  it('is refused when its nonce was used before (§6.5)', async () => {
    const nonce = await client.nonce();
    const payload = { identifiers: [{ type: 'dns', value: 'replayed.example' }] };
    assert.equal((await client.post(newOrder, payload, { nonce })).status, 201);
    for (const reused of [nonce, nonce.toUpperCase(), 'AAAA']) {
      const answer = await client.post(newOrder, payload, { nonce: reused });
      assert.deepEqual([answer.status, errorOf(answer)], [400, 'badNonce']);
    }
  });

  it('is refused when it was signed for another URL (§6.4)', async () => {
    const payload = { identifiers: [{ type: 'dns', value: 'elsewhere.example' }] };
    for (const url of [newAccount, newOrder.replace('localhost', 'elsewhere.example'), `${newOrder}?a`]) {
      const answer = await client.post(newOrder, payload, { url });
      assert.equal(errorOf(answer), 'unauthorized', url);
    }
  });

  it('may be signed for any of the server’s own names', async () => {
    const payload = { identifiers: [{ type: 'dns', value: 'named.example' }] };
    const url = newOrder.replace('localhost', '127.0.0.1');
    assert.equal((await client.post(newOrder, payload, { url })).status, 201);
  });

  it('of one account can neither read nor finish the orders of another', async (t) => {
    const order = await client.order('private.example');
    await client.proveAll(order);
    const stranger = await createAcmeClient(server, web);
    t.after(stranger.close);
    await stranger.register();
    for (const url of [order.url, ...order.authorizations]) {
      assert.equal((await stranger.post(url)).status, 404);
    }
    assert.equal((await stranger.post(order.finalize, { csr: csrFor('private.example') })).status, 404);
    const certificate = await client.finalize(order, csrFor('private.example'));
    assert.equal((await stranger.post(certificate)).status, 404);
  });
});

describe('an order', () => {
  it('is refused for names outside acme.names, with those names', async () => {
    const names = ['inside.example', 'example.com', 'insideexample', 'xn--80ak6aa92e.com'];
    const identifiers = names.map((value) => ({ type: 'dns', value }));
    const answer = await client.post(newOrder, { identifiers });
    assert.deepEqual([answer.status, errorOf(answer)], [403, 'rejectedIdentifier']);
    const refused = answer.body.subproblems as unknown as { identifier: { value: string } }[];
    assert.deepEqual(
      refused.map(({ identifier }) => identifier.value),
      names.slice(1),
    );
    const ip = await client.post(newOrder, { identifiers: [{ type: 'ip', value: '127.0.0.1' }] });
    assert.equal(errorOf(ip), 'rejectedIdentifier');
  });

  it('is not fulfilled by a request for other names, or without its own (§7.4)', async () => {
    const order = await client.order('a.example', 'b.example');
    await client.proveAll(order);
    for (const names of [['a.example'], ['a.example', 'b.example', 'c.example'], ['c.example']]) {
      assert.equal(errorOf(await client.post(order.finalize, { csr: csrFor(...names) })), 'badCSR');
    }
    await client.finalize(order, csrFor('b.example', 'a.example'));
  });

  it('copies no extension of its request into the certificate', {
    skip: without('openssl', 'version'),
  }, async () => {
    const order = await client.order('greedy.example');
    await client.proveAll(order);
    const authority = await opensslRequest('greedy.example', 'basicConstraints=critical,CA:TRUE');
    assert.equal(errorOf(await client.post(order.finalize, { csr: authority })), 'badCSR');
    const usages = ['keyUsage=critical,keyCertSign,cRLSign', 'extendedKeyUsage=clientAuth,codeSigning'];
    const certificate = await client.finalize(order, await opensslRequest('greedy.example', ...usages));
    const leaf = readCertificate(leafOf((await client.must(certificate)).text));
    assert.deepEqual(leaf.keyUsage, ['digitalSignature']);
    assert.deepEqual(leaf.extendedKeyUsage, ['serverAuth']);
    assert.equal(leaf.isCa, false);
  });
});

function errorOf({ body }: AcmeAnswer): string {
  return String(body.type).replace('urn:ietf:params:acme:error:', '');
}

/** A server that accepts every validation; undefined on a machine without IPv6. */
async function listenOnIpv6Loopback(): Promise<ChallengeServer | undefined> {
  return startChallengeServer({ port: httpPort, host: '::1' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT') return undefined;
    throw error;
  });
}

/** base64url of a request with its name and these extensions. */
async function opensslRequest(name: string, ...extensions: string[]): Promise<string> {
  const path = join(acme.folder, 'greedy.csr');
  const added = [`subjectAltName=DNS:${name}`, ...extensions].flatMap((each) => ['-addext', each]);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];
  const files = ['-keyout', join(acme.folder, 'greedy.key'), '-outform', 'DER', '-out', path];
  const { status, stderr } = await run('openssl', [
    ...['req', '-new', '-subj', `/CN=${name}`],
    ...key,
    ...added,
    ...files,
  ]);
  assert.equal(status, 0, stderr);
  return readFileSync(path).toString('base64url');
}

describe('renewal information (RFC 9773)', () => {
  it('suggests the last third of the life, and says "renew now" once the certificate is revoked (§4.2)', async () => {
    const leaf = leafOf(await client.obtain(csrFor('renewed.example'), 'renewed.example'));
    const { der, notBefore, notAfter, authorityKeyIdentifier = '', serialNumber } = readCertificate(leaf);
    const id = [authorityKeyIdentifier, serialNumber].map((hex) =>
      Buffer.from(hex, 'hex').toString('base64url'),
    );
    const { pathname } = new URL(client.directory.renewalInfo ?? '');
    const window = async () => {
      const answer = await ask({
        port: server.controlPort,
        ca: server.ca,
        path: `${pathname}/${id.join('.')}`,
      });
      assert.equal(answer.status, 200);
      assert.ok(Number(answer.headers['retry-after']) > 0);
      const { suggestedWindow } = JSON.parse(answer.text()) as {
        suggestedWindow: Record<'start' | 'end', string>;
      };
      return [Date.parse(suggestedWindow.start), Date.parse(suggestedWindow.end)] as const;
    };
    const [start, end] = await window();
    const lastThird = notBefore.getTime() + ((notAfter.getTime() - notBefore.getTime()) * 2) / 3;
    assert.ok(Math.abs(start - lastThird) < 2000 && start < end && end < notAfter.getTime());
    await client.must(client.directory.revokeCert ?? '', {
      certificate: Buffer.from(der).toString('base64url'),
    });
    assert.ok((await window())[1] <= Date.now());
  });
});
