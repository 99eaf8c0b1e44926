// Which requests come from a person with a browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClientRequest } from '../../src/exchange/client-stream.ts';
import { isNavigation } from '../../src/sign-in/navigation.ts';

const request = (fields: string[], more: Partial<ClientRequest> = {}) =>
  ({ method: 'GET', fields, authorization: undefined, apiKey: undefined, ...more }) as ClientRequest;
const HTML = ['Accept', 'text/html,application/xhtml+xml'];

test('a browser that shows a page sends Fetch Metadata (§2.2)', () => {
  assert.equal(isNavigation(request(['Sec-Fetch-Mode', 'navigate', 'Sec-Fetch-Dest', 'document'])), true);
  assert.equal(isNavigation(request(['Sec-Fetch-Mode', 'cors', ...HTML])), false);
  assert.equal(isNavigation(request(['sec-fetch-mode', 'no-cors'])), false);
});

test('a frame does not count: the sign-in page cannot be framed', () => {
  assert.equal(isNavigation(request(['Sec-Fetch-Mode', 'navigate', 'Sec-Fetch-Dest', 'iframe'])), false);
});

test('an older browser asks for HTML; scripts and programs do not', () => {
  assert.equal(isNavigation(request(HTML)), true);
  assert.equal(isNavigation(request(['Accept', '*/*'])), false);
  assert.equal(isNavigation(request([])), false);
  assert.equal(isNavigation(request([...HTML, 'X-Requested-With', 'XMLHttpRequest'])), false);
});

test('only GET without a credential in a header field', () => {
  assert.equal(isNavigation(request(HTML, { method: 'POST' })), false);
  assert.equal(isNavigation(request(HTML, { authorization: 'Bearer x' })), false);
  assert.equal(isNavigation(request(HTML, { apiKey: 'x' })), false);
});

test('a program that is signed in at the control listener is redirected there for its session here', () => {
  const cookies = 'a=b; __Host-gatehouse-session=x';
  assert.equal(isNavigation(request(['Accept', '*/*'], { cookies })), true);
  assert.equal(isNavigation(request(['Accept', '*/*'], { cookies: 'a=b' })), false);
  assert.equal(isNavigation(request(['Sec-Fetch-Mode', 'cors'], { cookies })), false, 'a script of a page');
});
