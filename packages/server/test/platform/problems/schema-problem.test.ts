// Problems with values, in words for people.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { check } from '../../../src/platform/http/validation.ts';
import { refusal } from '../../support/errors.ts';

const schema = z.strictObject({
  name: z.string().min(2).max(5).optional(),
  count: z.int().min(1).max(9).optional(),
  ratio: z.number().optional(),
  kind: z.enum(['red', 'green', 'blue']).optional(),
  on: z.boolean().optional(),
  tags: z
    .array(z.string().regex(/^[a-z]+$/, 'must have small letters only'))
    .min(1)
    .optional(),
  inner: z.strictObject({ deep: z.string() }).optional(),
  either: z.union([z.string(), z.array(z.string())]).optional(),
  query: z.coerce.number().int().max(9).optional(),
  named: z.record(z.string().regex(/^[a-z]+$/, 'must have small letters only'), z.int()).optional(),
});

const cases: [value: unknown, message: string][] = [
  [{ name: 5 }, 'name: must be a text, not 5.'],
  [{ named: { A: 1 } }, 'named.A: must have small letters only.'],
  [{ name: null }, 'name: must be a text, not null.'],
  [{ name: 'a' }, 'name: must have at least 2 characters.'],
  [{ name: 'secret' }, 'name: must have at most 5 characters.'],
  [{ count: 1.5 }, 'count: must be a whole number, not 1.5.'],
  [{ count: 'secret' }, 'count: must be a number, not a text.'],
  [{ count: 0 }, 'count: must be at least 1, not 0.'],
  [{ count: 10 }, 'count: must be at most 9, not 10.'],
  [{ ratio: [] }, 'ratio: must be a number, not a list.'],
  [{ kind: 'pink' }, 'kind: must be red, green or blue, not "pink".'],
  [{ kind: 3 }, 'kind: must be red, green or blue, not 3.'],
  [{ on: 'yes' }, 'on: must be true or false, not a text.'],
  [{ tags: 'a' }, 'tags: must be a list, not a text.'],
  [{ tags: [] }, 'tags: must have at least 1 entry.'],
  [{ tags: ['a', 'B'] }, 'tags.1: must have small letters only.'],
  [{ inner: {} }, 'inner.deep: is missing; give a text.'],
  [{ inner: { deep: 'x', more: 1 } }, 'inner has "more", which this server does not know: leave it out.'],
  [{ either: 5 }, 'either: must be a text or a list.'],
  [{ query: 'abc' }, 'query: must be a number, not a text.'],
  [{ query: '1.5' }, 'query: must be a whole number, not 1.5.'],
  [{ query: '10' }, 'query: must be at most 9, not 10.'],
  [{ a: 1, b: 2 }, 'The body has "a", "b", which this server does not know: leave them out.'],
  [[], 'The body must be an object, not a list.'],
  [undefined, 'The body is missing; give an object.'],
];

for (const [value, message] of cases) {
  test(`${JSON.stringify(value)} is answered: ${message}`, () => {
    assert.throws(
      () => check(schema, value, 'The body'),
      (error: Error) => {
        assert.equal(error.message, message);
        return refusal('unprocessable')(error);
      },
    );
  });
}

test('a long text that is not a valid choice is not repeated', () => {
  const value = { kind: 'x'.repeat(1000) };
  assert.throws(
    () => check(schema, value, 'The body'),
    refusal('unprocessable', /^kind: must be red, green or blue\.$/),
  );
});
