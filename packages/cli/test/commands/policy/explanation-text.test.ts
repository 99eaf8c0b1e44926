import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explanationText } from '../../../src/commands/policy/explanation-text.ts';

type Explanation = Parameters<typeof explanationText>[0];

const answer: Explanation = {
  allowed: false,
  reason: '',
  policies: [],
  errors: [],
  explanations: [],
  principal: 'User::"bob"',
  action: 'Action::"GET"',
  resource: 'Route::"/admin"',
  context: '{}',
};
const permit = (failed: Explanation['explanations'][number]['failed'], policy = 'p') =>
  ({ policy, effect: 'permit', applies: failed.length === 0, failed }) as const;
const scope = {
  part: 'principal' as const,
  text: 'principal in Role::"admin"',
  values: [{ text: 'principal', value: 'User::"bob"' }],
} satisfies Explanation['explanations'][number]['failed'][number];

test('an allowed request names the policies that permit it', () => {
  assert.deepEqual(explanationText({ ...answer, allowed: true, policies: ['a'] }), [
    'Allowed: a permits it.',
  ]);
  assert.deepEqual(explanationText({ ...answer, allowed: true, policies: ['a', 'b', 'c'] }), [
    'Allowed: a, b and c permit it.',
  ]);
});

test('a forbidden request names the policies that forbid it, and what would permit it then', () => {
  assert.deepEqual(explanationText({ ...answer, policies: ['f'], explanations: [permit([])] }), [
    'Denied: f forbids it.',
    'It is denied until that does not apply.',
    'Without that, p would permit it.',
  ]);
  assert.deepEqual(explanationText({ ...answer, policies: ['f', 'g'], explanations: [permit([scope])] }), [
    'Denied: f and g forbid it.',
    'It is denied until that does not apply.',
    'The nearest policy that permits is p: it needs principal in Role::"admin", but principal is User::"bob".',
  ]);
});

test('all that is missing is named, and what could not be evaluated', () => {
  const parts: Explanation['explanations'][number]['failed'] = [
    scope,
    { part: 'unless', text: 'context.path like "/x*"', values: [{ text: 'context.path', value: '"/xy"' }] },
    { part: 'when', text: '1 == 2', values: [] },
    {
      part: 'when',
      text: 'principal.a == 1',
      values: [{ text: 'principal.a', value: 'missing' }],
      error: 'No a.',
    },
  ];
  const explanations = [permit(parts)];
  assert.deepEqual(
    explanationText({ ...answer, explanations, errors: [{ policy: 'p', message: 'No a.' }] }),
    [
      'Denied: no policy permits it.',
      'The nearest policy that permits is p: it needs principal in Role::"admin", but principal is User::"bob"; and it excludes context.path like "/x*", and context.path is "/xy"; and it needs 1 == 2; and it needs principal.a == 1, but that cannot be evaluated (principal.a is missing): No a.',
      'p had no effect, because it could not be evaluated: No a.',
    ],
  );
});

test('a set without any policy that permits says so', () => {
  assert.deepEqual(explanationText(answer), [
    'Denied: no policy permits it.',
    'No policy at all permits anything like it.',
  ]);
});
