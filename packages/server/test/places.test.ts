// The URLs of the listeners.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../src/load-config.ts';
import { findPlaces, urlOf } from '../src/places.ts';
import { TEST_SETTINGS } from './support/spawn-server.ts';

test('addresses of this machine become localhost, the name in the certificate; others stay', () => {
  const url = (host: string) => urlOf('https', { host, port: 0 }, 8443);
  for (const host of ['127.0.0.1', '::1', '0.0.0.0', '::']) assert.equal(url(host), 'https://localhost:8443');
  assert.equal(url('192.0.2.7'), 'https://192.0.2.7:8443');
  assert.equal(url('2001:db8::7'), 'https://[2001:db8::7]:8443');
  assert.equal(url('api.example.com'), 'https://api.example.com:8443');
});

test('a public URL replaces the address, without a slash at the end', async () => {
  const urls = ['gateway.url=https://api.example.com/', 'control.url=https://id.example.com:8000/'];
  const places = await findPlaces(await loadConfig({ set: [...TEST_SETTINGS, ...urls], environment: {} }));
  assert.equal(places.gateway.url, 'https://api.example.com');
  assert.equal(places.control.url, 'https://id.example.com:8000');
  assert.ok(places.gateway.port > 0 && places.control.port > 0 && places.pki.port > 0);
  assert.equal(places.pki.url, `http://localhost:${places.pki.port}`);
});
