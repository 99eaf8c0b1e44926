// The upstream of each route: its address, its TLS, and when it is created again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatewayRoute, UpstreamTls } from '@gatehouse/access';
import { createRouteUpstreams } from '../../src/admission/route-upstreams.ts';

const PIN = `sha256/${'A'.repeat(43)}=`;

function tlsWith(ca: string): UpstreamTls {
  return { ca, pin: PIN, certificate: 'certificate', privateKey: 'key' };
}

function setUp(entries: [string, UpstreamTls][] = []) {
  const section = new Map(entries);
  const upstreams = createRouteUpstreams(
    (name) => section.get(name),
    () => 5,
  );
  const of = (upstream: string, upstreamTls?: string) =>
    upstreams.of({ upstream, upstreamTls } as GatewayRoute);
  return { section, upstreams, of };
}

test('an origin over HTTP has its address and no TLS', () => {
  const { of } = setUp();
  assert.deepEqual(of('http://127.0.0.1:3000'), {
    key: 'http://127.0.0.1:3000',
    name: 'http://127.0.0.1:3000',
    origin: 'http://127.0.0.1:3000',
    host: '127.0.0.1:3000',
    target: { address: { host: '127.0.0.1', port: 3000 }, tls: undefined, connectSeconds: 5 },
  });
  assert.deepEqual(of('http://api.example').target.address, { host: 'api.example', port: 80 });
  const { target, host } = of('http://[::1]:8080');
  assert.deepEqual([target.address, host], [{ host: '::1', port: 8080 }, '[::1]:8080']);
});

test('a Unix socket has its path, and the name localhost', () => {
  const { origin, host, target } = setUp().of('unix:/run/app.sock');
  assert.deepEqual([origin, host], ['http://localhost', 'localhost']);
  assert.deepEqual(target, { address: { path: '/run/app.sock' }, tls: undefined, connectSeconds: 5 });
});

test('an origin over HTTPS has the settings of its entry, and the name of its host', () => {
  const { target, key } = setUp([['pay', tlsWith('roots')]]).of('https://pay.example', 'pay');
  assert.deepEqual(target.address, { host: 'pay.example', port: 443 });
  assert.deepEqual(target.tls, {
    serverName: 'pay.example',
    ca: 'roots',
    pin: PIN,
    certificate: 'certificate',
    privateKey: 'key',
  });
  assert.ok(!key.includes('roots') && key.startsWith('https://pay.example '));
});

test('upstreams at one address share connections only if their TLS is the same', () => {
  const { of } = setUp([
    ['pay', tlsWith('roots')],
    ['same', tlsWith('roots')],
    ['other', tlsWith('other roots')],
  ]);
  const key = (name?: string) => of('https://pay.example', name).key;
  assert.equal(key('pay'), key('same'));
  assert.notEqual(key('pay'), key('other'));
  assert.notEqual(key('pay'), key());
});

test('an upstream is created once, so that its TLS context survives unrelated changes', () => {
  const { of, upstreams, section } = setUp([['pay', tlsWith('roots')]]);
  const made = of('https://pay.example', 'pay');
  section.set('other', tlsWith('other roots'));
  assert.deepEqual(upstreams.forgetChanged(), []);
  assert.equal(of('https://pay.example', 'pay'), made);
});

test('an upstream with a changed trust is created again, and the key of the old one is returned once', () => {
  const { of, upstreams, section } = setUp([['pay', tlsWith('roots')]]);
  const { key } = of('https://pay.example', 'pay');
  const plain = of('http://127.0.0.1:3000');
  section.set('pay', tlsWith('new roots'));
  assert.deepEqual(upstreams.forgetChanged(), [key]);
  assert.deepEqual(upstreams.forgetChanged(), []);
  const renewed = of('https://pay.example', 'pay');
  assert.equal(renewed.target.tls?.ca, 'new roots');
  assert.notEqual(renewed.key, key);
  assert.equal(of('http://127.0.0.1:3000'), plain);
});
