// The addresses that can store the head of the ledger.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditSettings } from '../../src/audit/settings.ts';

const accepts = (witnessAddress: object) => auditSettings.safeParse({ witnessAddress }).success;

test('the address is an https URL, or an http URL of this machine', () => {
  for (const url of [
    'https://store.example.com/gatehouse/head.json',
    'https://10.0.0.7:8443/head',
    'http://localhost:9000/head',
    'http://127.0.0.1:9000/head',
    'http://[::1]:9000/head',
  ])
    assert.ok(accepts({ url }), url);
  for (const url of [
    'http://store.example.com/head',
    'http://127.0.0.1.example.com/head',
    'http://localhost.example.com/head',
    'file:///head.json',
    'store.example.com/head',
  ])
    assert.ok(!accepts({ url }), url);
});

test('the address has no secret, because it is in logs and in the ledger', () => {
  for (const url of [
    'https://a:b@store.example.com/',
    'https://a@store.example.com/',
    'https://s.example/?key=1',
  ])
    assert.ok(!accepts({ url }), url);
});

test('refuses other settings of the address without the address', () => {
  for (const settings of [{ tokenFile: 't' }, { trust: 't' }, { required: true }])
    assert.ok(!accepts(settings), JSON.stringify(settings));
  assert.ok(accepts({}));
});
