import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { operationErrors } from '../../packages/access/src/errors/operation-errors.ts';
import { requestErrors } from '../../packages/access/src/errors/request-errors.ts';
import { clientErrorCodes } from '../../packages/client/src/error-codes.ts';
import { problemTypes } from '../../packages/server/src/acme/problem-types.ts';
import { x509ErrorCodes } from '../../packages/x509/src/error-codes.ts';
import { ERRORS_PAGE, errorsPage } from '../error-docs.ts';

test('docs/errors.md matches the catalogues (run: npm run docs)', () => {
  assert.equal(readFileSync(ERRORS_PAGE, 'utf8'), errorsPage());
});

const catalogues = { requestErrors, operationErrors, problemTypes, x509ErrorCodes, clientErrorCodes };

for (const [name, catalogue] of Object.entries(catalogues)) {
  test(`every code of ${name} has sentences for its meaning and the remedy`, () => {
    for (const [code, { means, remedy }] of Object.entries(catalogue)) {
      assert.match(means, /^[A-Z].{10,150}\.$/, code);
      assert.match(remedy, /^[A-Z].{10,150}\.$/, code);
    }
  });
}
