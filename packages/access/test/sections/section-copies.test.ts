// A worker's copies of the sections: used only if complete, and changed by whole commits without a gap.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import type { Principal, SectionChange, SectionCopies, SectionName } from '../../src/index.ts';
import {
  createSectionCopies,
  generateApiKey,
  hashSecret,
  packHash,
  policiesOfRule,
  SECTION_NAMES,
} from '../../src/index.ts';
import { ANSWERS, createTestClaims, DIGEST, DPOP, SIGNATURES } from '../support/claims.ts';
import { refusal } from '../support/errors.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { presentedWith } from '../support/presented.ts';
import { routesOf } from '../support/routes.ts';

const robot = generateApiKey();
const facts = (roles: string[]) => ({
  name: 'robot',
  roles,
  secretHash: packHash(hashSecret(robot.secret)),
  expiresAt: null,
});
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const assertion = {
  privateKey: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  kid: 'k',
  issuer: 'i',
};
const routes = routesOf({ path: '/a' }, { path: '/b' });
const CONTENT: Partial<Record<SectionName, [string, unknown][]>> = {
  keys: [[robot.id, facts(['user'])]],
  routes: routes.map((route) => [route.id, route]),
  policies: policiesOfRule({ policyName: '/b' }, { roles: ['admin'] }),
  trust: [
    ['tokens', { jwks: { keys: [] }, issuer: 'i', audience: 'https://a' }],
    ['assertion', assertion],
    ['digest', DIGEST],
    ['dpop', DPOP],
    ['signatures', SIGNATURES],
    ['answers', ANSWERS],
  ],
};

function fill(
  copies: SectionCopies,
  section: SectionName,
  version = 0,
  entries = CONTENT[section] ?? [],
): void {
  copies.fill({ section, version, entries, isFirst: true, isLast: true });
}

function filled(): SectionCopies {
  const copies = createSectionCopies({ clock: createFakeClock(), claims: createTestClaims() });
  for (const section of SECTION_NAMES) fill(copies, section);
  return copies;
}

const change = (section: SectionName, version: number, more: Partial<SectionChange>): SectionChange => ({
  seq: 1,
  section,
  version,
  put: [],
  remove: [],
  ...more,
});

function rolesOfRobot(copies: SectionCopies) {
  const presented = presentedWith({ apiKey: robot.text });
  const principal = copies.snapshot().waysIn.identify(presented, ['apiKey']) as Principal;
  return principal.roles;
}

const routeOf = (copies: SectionCopies, path: string) =>
  copies.snapshot().routes.match({ method: 'GET', host: 'localhost', path }).path;

test('is complete when the last part of the last section has arrived', () => {
  const copies = createSectionCopies({ clock: createFakeClock(), claims: createTestClaims() });
  for (const section of SECTION_NAMES.slice(1)) fill(copies, section);
  const page = { section: 'users', version: 0, entries: [] };
  copies.fill({ ...page, isFirst: true, isLast: false });
  assert.equal(copies.isComplete(), false);
  copies.fill({ ...page, isFirst: false, isLast: true });
  assert.equal(copies.isComplete(), true);
});

test('applies the changes of one commit together, and compiles only the changed parts', () => {
  const copies = filled();
  const before = copies.snapshot();
  const missed = copies.advance([
    change('keys', 1, { put: [[robot.id, facts(['admin'])]] }),
    change('policies', 1, { remove: ['route:/b:only'] }),
  ]);
  assert.deepEqual(missed, []);
  assert.deepEqual(rolesOfRobot(copies), ['admin']);
  const after = copies.snapshot();
  assert.equal(after.waysIn, before.waysIn, 'with its cache of verified tokens');
  assert.equal(after.assertions, before.assertions);
  assert.equal(after.routes, before.routes);
  assert.notEqual(after.policy, before.policy);
});

test('a removed key is unknown at once', () => {
  const copies = filled();
  copies.advance([change('keys', 1, { remove: [robot.id] })]);
  assert.throws(() => rolesOfRobot(copies), refusal('credential_invalid', /unknown, disabled or revoked/));
});

test('a change that does not compile has no effect, also on the other sections of its commit', () => {
  const copies = filled();
  const before = copies.snapshot();
  const broken = { ...routes[0], id: '9:bad', path: 'bad' };
  assert.throws(() =>
    copies.advance([
      change('keys', 1, { remove: [robot.id] }),
      change('routes', 1, { put: [['9:bad', broken]] }),
    ]),
  );
  assert.equal(copies.snapshot(), before);
  assert.deepEqual(rolesOfRobot(copies), ['user']);
  assert.deepEqual(copies.advance([change('keys', 1, { put: [[robot.id, facts(['admin'])]] })]), []);
});

test('after a missed change, applies nothing and names the sections that it needs whole', () => {
  const copies = filled();
  const late = [change('keys', 2, { remove: ['other'] }), change('users', 1, { put: [['alice', {}]] })];
  assert.deepEqual(copies.advance(late), ['keys', 'users']);
  assert.equal(copies.sections.users.size, 0);
  fill(copies, 'keys', 2, [[robot.id, facts(['admin'])]]);
  fill(copies, 'users', 1, [['alice', { roles: [], disabled: false, tokenEpoch: 1 }]]);
  assert.deepEqual(rolesOfRobot(copies), ['admin']);
  assert.deepEqual(copies.advance([change('keys', 3, { remove: [robot.id] })]), []);
});

test('changes wait until every section has arrived, and nothing is sent again', () => {
  const copies = createSectionCopies({ clock: createFakeClock(), claims: createTestClaims() });
  fill(copies, 'keys', 4);
  const revoked = change('keys', 5, { remove: [robot.id] });
  assert.deepEqual(copies.advance([revoked, change('users', 3, { put: [['alice', {}]] })]), []);
  for (const section of SECTION_NAMES.filter((name) => name !== 'keys' && name !== 'users')) {
    fill(copies, section);
  }
  // This section was read after the change.
  fill(copies, 'users', 3, [['bob', {}]]);
  assert.throws(() => rolesOfRobot(copies), refusal('credential_invalid', /unknown, disabled or revoked/));
  assert.deepEqual([...copies.sections.users.keys()], ['bob'], 'has the change already');
  assert.deepEqual(copies.advance([change('keys', 6, { put: [[robot.id, facts(['admin'])]] })]), []);
  assert.deepEqual(rolesOfRobot(copies), ['admin']);
});

test('routes match in their order, not in the order of their arrival', () => {
  const copies = filled();
  const [first] = routes;
  assert.ok(first);
  const wide = { ...first, id: '1:/*', position: 5, path: '/*' };
  copies.advance([change('routes', 1, { put: [['1:/*', wide]] })]);
  assert.equal(routeOf(copies, '/a'), '/a');
  copies.advance([change('routes', 2, { put: [['1:/*', { ...wide, position: -1 }]] })]);
  assert.equal(routeOf(copies, '/a'), '/*');
});
