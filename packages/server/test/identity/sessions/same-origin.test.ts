// Requests that another site made.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requireSameOrigin } from '../../../src/identity/sessions/same-origin.ts';
import { refusal } from '../../support/errors.ts';

const OWN = 'https://id.example:9443';

function check(fields: Record<string, string>): void {
  const all: Record<string, string> = { host: 'id.example:9443', ...fields };
  requireSameOrigin({ header: (name) => all[name] }, OWN);
}

test('accepts a form of our own page, and a program, which sends neither field', () => {
  check({ origin: OWN, 'sec-fetch-site': 'same-origin' });
  check({ origin: OWN });
  check({ 'sec-fetch-site': 'same-origin' });
  check({});
});

test('also accepts the origin of the requested host, because there may be several names', () => {
  check({ host: '127.0.0.1:9443', origin: 'https://127.0.0.1:9443' });
});

test('refuses requests of pages of other sites', () => {
  const forged: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://id.example:9443' },
    { origin: 'https://id.example' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: OWN, 'sec-fetch-site': 'cross-site' },
    { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
  ];
  for (const fields of forged)
    assert.throws(() => check(fields), refusal('forbidden'), JSON.stringify(fields));
});
