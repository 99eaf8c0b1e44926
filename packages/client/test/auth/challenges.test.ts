// The challenges of WWW-Authenticate (RFC 9110 §11.6.1).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseChallenges } from '../../src/auth/challenges.ts';

const cases: readonly (readonly [
  field: string | null,
  schemes: string[],
  parameters?: Record<string, string>,
])[] = [
  [null, []],
  ['', []],
  ['Basic realm="a, b"', ['basic'], { realm: 'a, b' }],
  [
    'Newauth realm="apps", type=1, title="Login to \\"apps\\"", Basic realm="simple"',
    ['newauth', 'basic'],
    { realm: 'apps', type: '1', title: 'Login to "apps"' },
  ],
  ['Negotiate, Basic realm="x"', ['negotiate', 'basic'], {}],
  ['Negotiate oYIBZTCCAWGgAwoBAaELBgkqhkiG9w0BAQ==, Digest nonce = "n"', ['negotiate', 'digest'], {}],
  [',, Basic realm=x ,', ['basic'], { realm: 'x' }],
];

for (const [field, schemes, parameters] of cases) {
  test(`reads ${JSON.stringify(field)}`, () => {
    const challenges = parseChallenges(field);
    assert.deepEqual(
      challenges.map(({ scheme }) => scheme),
      schemes,
    );
    if (parameters !== undefined) assert.deepEqual(challenges[0]?.parameters, parameters);
  });
}

test('reads a long field of commas quickly', () => {
  assert.deepEqual(parseChallenges(','.repeat(50_000)), []);
});
