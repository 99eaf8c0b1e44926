// SPIFFE IDs of owners (SPIFFE-ID §2).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTrustDomain, ownerOfSpiffeId, spiffeIdOf } from '../../src/credentials/spiffe-id.ts';

const TRUST_DOMAIN = 'example.org';

test('writes the owner into the path, with one segment for each part between @', () => {
  const id = (kind: 'user' | 'service', name: string) => spiffeIdOf({ kind, name }, TRUST_DOMAIN);
  assert.equal(id('service', 'billing'), 'spiffe://example.org/service/billing');
  assert.equal(id('user', 'Alice.B_c-d'), 'spiffe://example.org/user/Alice.B_c-d');
  assert.equal(id('user', 'alice@example.com'), 'spiffe://example.org/user/alice/example.com');
});

test('has no ID for a name that would make empty or dot segments (§2.2)', () => {
  for (const name of ['a@', 'a@@b', 'a@.', 'a@..@b', 'ü', 'a b', 'a/b', 'a%40b', '']) {
    assert.equal(spiffeIdOf({ kind: 'user', name }, TRUST_DOMAIN), undefined, name);
  }
});

test('reads its own IDs, in any trust domain', () => {
  for (const owner of [
    { kind: 'service', name: 'billing' },
    { kind: 'user', name: 'alice@example.com' },
  ] as const) {
    assert.deepEqual(ownerOfSpiffeId(spiffeIdOf(owner, 'a-b_c.1') ?? ''), owner);
  }
});

test('refuses IDs that the standard does not allow, and IDs of neither a user nor a service', () => {
  for (const id of [
    'SPIFFE://example.org/service/a',
    'spiffe://Example.org/service/a',
    'spiffe://example.org:443/service/a',
    'spiffe://user@example.org/service/a',
    'spiffe:///service/a',
    'spiffe://example.org',
    'spiffe://example.org/',
    'spiffe://example.org/service',
    'spiffe://example.org/service/',
    'spiffe://example.org/service/a/',
    'spiffe://example.org/service//a',
    'spiffe://example.org/service/./a',
    'spiffe://example.org/service/a/..',
    'spiffe://example.org/service/%61',
    'spiffe://example.org/service/a?b',
    'spiffe://example.org/service/a#b',
    'spiffe://example.org/service/a@b',
    'spiffe://example.org/operator/local',
    'spiffe://example.org/ns/x/sa/y',
    `spiffe://example.org/service/${'a'.repeat(2048)}`,
    `spiffe://${'a'.repeat(256)}/service/a`,
  ]) {
    assert.equal(ownerOfSpiffeId(id), undefined, id);
  }
});

test('a trust domain has lower-case letters, digits, dots, hyphens and underscores (§2.1)', () => {
  for (const good of ['example.org', 'gatehouse.internal', 'a_b-c']) assert.ok(isTrustDomain(good), good);
  for (const bad of ['', 'Example.org', 'example.org:443', 'a/b', 'a@b', 'ä']) {
    assert.ok(!isTrustDomain(bad), bad);
  }
});
