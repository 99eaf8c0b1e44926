// Client ids that are URLs of documents, and the patterns that approve them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createApprovedUrls,
  documentUrl,
  isApprovalPattern,
} from '../../../src/oauth/client-document/document-url.ts';

const url = (text: string) => documentUrl(text) as URL;

test('only an https URL with a path, in its normal form, can be such a client id', () => {
  for (const id of ['https://app.example/client.json', 'https://app.example:8443/a/b?v=2']) {
    assert.equal(documentUrl(id)?.href, id);
  }
  for (const id of [
    'client-7',
    'http://app.example/client.json',
    'https://app.example',
    'https://app.example/',
    'https://app.example/x#y',
    'https://app.example/x#',
    'https://user@app.example/x',
    'https://app.example/a/../x',
    'https://app.example/a/%2E%2e/x',
    'https://App.example/x',
    'https://app.example:443/x',
    'https://app.example/a b',
    `https://app.example/${'x'.repeat(500)}`,
  ]) {
    assert.equal(documentUrl(id), undefined, id);
  }
});

test('a setting can approve a host, all hosts below one, a URL, or all URLs with the same beginning', () => {
  const cases: [string, string, boolean][] = [
    ['app.example', 'https://app.example/x', true],
    ['app.example', 'https://app.example:8443/x', false],
    ['app.example:8443', 'https://app.example:8443/x', true],
    ['app.example', 'https://evil-app.example/x', false],
    ['*.example.com', 'https://a.example.com/x', true],
    ['*.example.com', 'https://example.com/x', false],
    ['*.example.com', 'https://evilexample.com/x', false],
    ['https://app.example/x', 'https://app.example/x', true],
    ['https://app.example/x', 'https://app.example/xy', false],
    ['https://app.example/clients/*', 'https://app.example/clients/one.json', true],
    ['https://app.example/clients/*', 'https://app.example/other', false],
  ];
  for (const [pattern, id, expected] of cases) {
    assert.equal(createApprovedUrls([pattern]).has(url(id)), expected, `${pattern} ${id}`);
  }
});

test('refuses a pattern without a whole host, or for http, because it would approve other hosts, too', () => {
  for (const pattern of ['app.example', '*.example.com', 'https://app.example/*', 'https://app.example/x']) {
    assert.ok(isApprovalPattern(pattern), pattern);
  }
  for (const pattern of ['*', '', 'https://app.exam*', 'https://*', 'http://app.example/x', '*example.com']) {
    assert.ok(!isApprovalPattern(pattern), pattern);
  }
});
