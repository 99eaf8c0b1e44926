// The header fields that policies may read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headerFields } from '../../src/admission/header-fields.ts';

test('finds the named fields in any case, and joins repeated ones (RFC 9110 §5.3)', () => {
  const found = headerFields(
    ['X-Tenant', 'blue', 'Accept', '*/*', 'x-tenant', 'red'],
    ['x-tenant', 'x-other'],
  );
  assert.equal(found.get('x-tenant'), 'blue, red');
  assert.equal(found.get('x-other'), undefined);
  assert.equal(found.get('accept'), undefined, 'a field that is not named');
  assert.deepEqual([...found.keys()], ['x-tenant']);
});
