import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explanationText } from '../../../src/commands/policy/explanation-text.ts';

type Explanation = Parameters<typeof explanationText>[0];
type Explained = Explanation['explanations'][number];

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
const permit = (failed: Explained['failed'], policy = 'p'): Explained => ({
  policy,
  effect: 'permit',
  applies: failed.length === 0,
  failed,
  because: [],
});
const forbid = (policy: string, because: Explained['because']): Explained => ({
  policy,
  effect: 'forbid',
  applies: true,
  failed: [],
  because,
});
const scope = {
  part: 'principal' as const,
  text: 'principal in Role::"admin"',
  values: [{ text: 'principal', value: 'User::"bob"' }],
} satisfies Explanation['explanations'][number]['failed'][number];

test('the explanation of an allowed request names the policies that permit it', () => {
  assert.deepEqual(explanationText({ ...answer, allowed: true, policies: ['a'] }), [
    'Allowed: a permits it.',
  ]);
  assert.deepEqual(explanationText({ ...answer, allowed: true, policies: ['a', 'b', 'c'] }), [
    'Allowed: a, b and c permit it.',
  ]);
});

test('the explanation of a forbidden request says why each policy forbids it, and which policies would permit it otherwise', () => {
  const unconditional = forbid('f', []);
  assert.deepEqual(
    explanationText({ ...answer, policies: ['f'], explanations: [unconditional, permit([])] }),
    ['Denied: f forbids it.', 'f forbids it for every request.', 'Without that, p would permit it.'],
  );
  const hours = { text: 'context.time.toTime()', value: 'duration("72000000ms")' };
  const conditional = forbid('g', [
    scope,
    { part: 'when', text: 'context.via == "bearer"', values: [{ text: 'context.via', value: '"bearer"' }] },
    { part: 'when', text: 'true', values: [] },
    { part: 'unless', text: 'context.time.toTime() < duration("18h")', values: [hours] },
  ]);
  const explanations = [unconditional, conditional, permit([scope])];
  assert.deepEqual(explanationText({ ...answer, policies: ['f', 'g'], explanations }), [
    'Denied: f and g forbid it.',
    'f forbids it for every request.',
    'g forbids it for principal in Role::"admin", while context.via == "bearer", as context.via is "bearer", while true, unless context.time.toTime() < duration("18h"), but context.time.toTime() is duration("72000000ms").',
    'The nearest policy that permits is p: it needs principal in Role::"admin", but principal is User::"bob".',
  ]);
});

test('a policy about another resource is not the nearest one', () => {
  const resource = [{ text: 'resource', value: 'Route::"/admin"' }];
  const elsewhere = permit([{ part: 'resource', text: 'resource == Route::"/notes"', values: resource }]);
  assert.deepEqual(explanationText({ ...answer, explanations: [elsewhere] }), [
    'Denied: no policy permits it.',
    'No policy permits anything on Route::"/admin": write one that does.',
  ]);
});

test('names everything that is missing, and the policies that could not be evaluated', () => {
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

test('reports that a set has no policy that permits', () => {
  assert.deepEqual(explanationText(answer), [
    'Denied: no policy permits it.',
    'No policy comes close to permitting it.',
  ]);
});
