// Reading the document about a client.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDocument } from '../../../src/oauth/client-document/read-document.ts';

const url = new URL('https://app.example/client.json');
const nameOf = (client_name: string) =>
  readDocument({ client_id: url.href, redirect_uris: ['https://app.example/cb'], client_name }, url).metadata
    .document?.name;

test('the displayed name has no characters that hide text or change its direction (UAX #9, UTS #39)', () => {
  assert.equal(nameOf('My app'), 'My app');
  assert.equal(nameOf('Größer & älter 日本'), 'Größer & älter 日本');
  assert.equal(nameOf('\u202Eesuohetag\u202C'), 'esuohetag');
  assert.equal(nameOf('Gate\u200Bhouse\u0000\n'), 'Gatehouse');
  assert.equal(nameOf('\u2066\u2069 '), null);
});
