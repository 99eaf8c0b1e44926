// dns-01 (RFC 8555 §8.4): the digest in a TXT record, from the configured resolver.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { createResolver } from '../../../src/acme/validation/resolver.ts';
import type { DnsRecord } from '../../support/dns-server.ts';
import { startDnsServer } from '../../support/dns-server.ts';
import { challengeOf, signingRequest, startFlow } from '../support/flow.ts';
import { assertProblem } from '../support/server.ts';

/** Answers dns-01 for this name with the records that `records` makes from the digest. */
async function answer(
  t: TestContext,
  name: string,
  records: (digest: string) => Record<string, DnsRecord[]>,
) {
  const dns = await startDnsServer(t);
  const flow = await startFlow(t, { resolver: dns.address });
  const order = await flow.client.order([name]);
  const { body } = await flow.client.post(order.body.authorizations[0] ?? '');
  const { token, url } = challengeOf(body, 'dns-01');
  const digest = hash('sha256', flow.client.keyAuthorization(token), 'base64url');
  for (const [owner, set] of Object.entries(records(digest))) dns.zone.set(owner, set);
  return { flow, order, dns, url, challenge: await flow.client.post(url, {}) };
}

const txt = (...chunks: string[]): DnsRecord => ({ type: 'TXT', chunks });
const OWNER = '_acme-challenge.example.com';

test('the TXT records of _acme-challenge have the digest, for wildcards at the name after `*.`', async (t) => {
  for (const name of ['example.com', '*.example.com']) {
    const { challenge, dns, flow, order } = await answer(t, name, (digest) => ({ [OWNER]: [txt(digest)] }));
    assert.equal(challenge.body.status, 'valid', challenge.text);
    assert.deepEqual(dns.questions, [`TXT ${OWNER}`]);
    const final = await flow.client.post(order.body.finalize, { csr: signingRequest([name]) });
    assert.equal(final.body.status, 'valid', final.text);
  }
});

test('one of several records suffices, whole or in several strings', async (t) => {
  const { challenge } = await answer(t, 'example.com', (digest) => ({
    [OWNER]: [txt('other'), txt(digest.slice(0, 20), digest.slice(20)), txt(`${digest}x`)],
  }));
  assert.equal(challenge.body.status, 'valid', challenge.text);
});

test('a CNAME leads to the record', async (t) => {
  const { challenge } = await answer(t, 'example.com', (digest) => ({
    [OWNER]: [{ type: 'CNAME', target: 'x.acme.example.net' }],
    'x.acme.example.net': [txt(digest)],
  }));
  assert.equal(challenge.body.status, 'valid', challenge.text);
});

test('fails for other records, for no records, and for a name that does not exist', async (t) => {
  const cases: [(digest: string) => Record<string, DnsRecord[]>, string][] = [
    [(digest) => ({ [OWNER]: [txt(`"${digest}"`), txt(digest.toUpperCase())] }), 'unauthorized'],
    [(digest) => ({ 'example.com': [txt(digest)] }), 'dns'],
    [() => ({ [OWNER]: [] }), 'dns'],
  ];
  for (const [records, type] of cases) {
    const { challenge } = await answer(t, 'example.com', records);
    assert.equal(challenge.body.status, 'invalid');
    assert.equal(challenge.body.error.type, `urn:ietf:params:acme:error:${type}`);
  }
});

test('asks the next DNS server if one never answers', async (t) => {
  const silent = createSocket('udp4').bind(0, '127.0.0.1');
  await once(silent, 'listening');
  t.after(() => void silent.close());
  const dns = await startDnsServer(t);
  dns.zone.set(OWNER, [txt('found')]);
  const resolver = createResolver(`127.0.0.1:${silent.address().port}, ${dns.address}`);
  assert.deepEqual(await resolver.texts(OWNER), ['found']);
});

test('a resolver must be an address, or several', () => {
  for (const servers of ['dns.example.com', '', '127.0.0.1,', '127.0.0.1 127.0.0.2'])
    assert.throws(() => createResolver(servers), { code: 'config_invalid', message: /acme\.resolver/ });
});

test('an address has no dns-01 challenge (RFC 8738 §7)', async (t) => {
  const { client } = await startFlow(t);
  const { body } = await client.order(['127.0.0.1']);
  const authorization = body.authorizations[0]?.replace('/authorization/', '/challenge/') ?? '';
  assertProblem(await client.post(`${authorization}/dns-01`, {}), 'malformed', 404);
});
