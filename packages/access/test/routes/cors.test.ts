// The CORS protocol of the Fetch standard (§3.3): our answers for a browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CorsField, CorsRule } from '../../src/routes/cors.ts';
import { answerFields, preflightFields, preflightMethod } from '../../src/routes/cors.ts';

const APP = 'https://app.example';
const RULE: CorsRule = {
  origins: [APP, 'http://localhost:3000'],
  methods: ['GET', 'PUT'],
  headers: ['authorization', 'content-type'],
  credentials: false,
  maxAgeSeconds: 600,
};
const OPEN: CorsRule = { ...RULE, origins: ['*'] };

function valuesOf(fields: readonly CorsField[]): Record<string, string> {
  return Object.fromEntries(fields);
}

test('a preflight is an OPTIONS request with Origin and Access-Control-Request-Method (§3.3.2)', () => {
  const preflight = { method: 'OPTIONS', origin: APP, requestMethod: 'PUT' };
  assert.equal(preflightMethod(preflight), 'PUT');
  assert.equal(preflightMethod({ ...preflight, origin: undefined }), undefined);
  assert.equal(preflightMethod({ ...preflight, requestMethod: undefined }), undefined);
  assert.equal(preflightMethod({ ...preflight, method: 'GET' }), undefined);
});

test('a preflight of a permitted origin gets methods, fields and their lifetime (§3.3.3)', () => {
  assert.deepEqual(valuesOf(preflightFields(RULE, APP)), {
    'Access-Control-Allow-Origin': APP,
    'Access-Control-Allow-Methods': 'GET, PUT',
    'Access-Control-Allow-Headers': 'authorization, content-type',
    'Access-Control-Max-Age': '600',
    Vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
  });
});

test('another origin gets no permission, and caches know that the answer depends on it', () => {
  for (const origin of [
    'https://evil.example',
    'null',
    'https://APP.example',
    `${APP}.evil.example`,
    `${APP}/`,
  ]) {
    assert.deepEqual(valuesOf(preflightFields(RULE, origin)), {
      Vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
    });
    assert.deepEqual(answerFields(RULE, origin), [['Vary', 'Origin']]);
  }
});

test('an answer names the origin that may read it, and varies by it (§3.3.3, §3.2.6)', () => {
  assert.deepEqual(answerFields(RULE, APP), [
    ['Access-Control-Allow-Origin', APP],
    ['Vary', 'Origin'],
  ]);
  assert.deepEqual(answerFields(RULE, undefined), [['Vary', 'Origin']]);
});

test('a rule for all origins answers * and does not vary', () => {
  assert.deepEqual(answerFields(OPEN, APP), [['Access-Control-Allow-Origin', '*']]);
  assert.deepEqual(answerFields(OPEN, undefined), [['Access-Control-Allow-Origin', '*']]);
  assert.equal(valuesOf(preflightFields(OPEN, 'null'))['Access-Control-Allow-Origin'], '*');
});

test('credentials are permitted by the word true, in both answers, with the origin itself (§3.3.5)', () => {
  const rule = { ...RULE, credentials: true };
  for (const fields of [preflightFields(rule, APP), answerFields(rule, APP)]) {
    const values = valuesOf(fields);
    assert.equal(values['Access-Control-Allow-Credentials'], 'true');
    assert.equal(values['Access-Control-Allow-Origin'], APP);
  }
});

test('a rule without fields sends no list of them', () => {
  const values = valuesOf(preflightFields({ ...RULE, headers: [] }, APP));
  assert.equal(values['Access-Control-Allow-Headers'], undefined);
});
