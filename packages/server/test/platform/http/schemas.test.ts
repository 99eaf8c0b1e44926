// Schemas that many routes share.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { limit, wholeNumber } from '../../../src/platform/http/schemas.ts';
import { check } from '../../../src/platform/http/validation.ts';
import { refusal } from '../../support/errors.ts';

const query = z.strictObject({ after: wholeNumber({ min: 5 }).optional(), limit: limit(20) });

test('a whole number of a query is read from its digits, and an absent one has its default', () => {
  assert.deepEqual(check(query, { after: '17', limit: '007' }, 'The query'), { after: 17, limit: 7 });
  assert.deepEqual(check(query, {}, 'The query'), { limit: 20 });
});

const OTHERS = ['', ' ', '1e3', '0x10', '1.0', '+7', '-7', '٧', '7 ', 'Infinity', '99999999999999999999'];
for (const text of OTHERS) {
  test(`${JSON.stringify(text)} is not a whole number of a query`, () => {
    assert.throws(() => check(query, { after: text }, 'The query'), refusal('unprocessable', /^after: /));
  });
}

test('the document of the API describes a whole number as an integer with its limits', () => {
  const { properties } = z.toJSONSchema(query, { io: 'input' });
  assert.deepEqual(properties?.limit, {
    description: 'The greatest number of entries. Default: 20',
    type: 'integer',
    minimum: 1,
    maximum: 1000,
  });
});
