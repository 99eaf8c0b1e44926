// The URLs of the listeners.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findPlaces, refuseLoop, urlOf } from '../src/places.ts';
import { loadConfig } from '../src/settings/load-config.ts';
import { lineRefusal } from './support/errors.ts';
import { TEST_SETTINGS } from './support/spawn-server.ts';

test('replaces addresses of this machine with localhost, the name in the certificate, and no others', () => {
  const url = (host: string) => urlOf('https', { host, port: 0 }, 8443);
  for (const host of ['127.0.0.1', '::1', '0.0.0.0', '::']) assert.equal(url(host), 'https://localhost:8443');
  assert.equal(url('192.0.2.7'), 'https://192.0.2.7:8443');
  assert.equal(url('2001:db8::7'), 'https://[2001:db8::7]:8443');
  assert.equal(url('api.example.com'), 'https://api.example.com:8443');
});

test('a public URL replaces the address, without a slash at the end', async () => {
  const urls = ['gateway.url=https://api.example.com/', 'control.url=https://id.example.com:8000/'];
  const places = await findPlaces(
    (await loadConfig({ set: [...TEST_SETTINGS, ...urls], environment: {} })).config,
  );
  assert.equal(places.gateway.url, 'https://api.example.com');
  assert.equal(places.control.url, 'https://id.example.com:8000');
  assert.ok(places.gateway.port > 0 && places.control.port > 0 && places.pki.port > 0);
  assert.equal(places.pki.url, `http://localhost:${places.pki.port}`);
});

const anyPort = ['gateway', 'control', 'pki', 'samples'].map((name) => `${name}.listen=127.0.0.1:0`);

async function placesWith(...set: string[]) {
  return findPlaces((await loadConfig({ set: [...anyPort, ...set], environment: {} })).config);
}

const clashes: [set: string[], message: RegExp][] = [
  [
    ['control.listen=127.0.0.1:21996', 'pki.listen=127.0.0.1:21996'],
    /^Setting pki\.listen is not valid: control\.listen has the same port 21996: give one of them another port\.$/,
  ],
  [['gateway.listen=:21996', 'control.listen=127.0.0.1:21996'], /control\.listen .* gateway\.listen/],
  [['gateway.listen=[::1]:21996', 'samples.listen=[::1]:21996'], /samples\.listen .* gateway\.listen/],
];

for (const [set, message] of clashes) {
  test(`refuses ${set.join(' with ')}, and names both settings`, async () => {
    await assert.rejects(placesWith(...set), lineRefusal('config_invalid', message));
  });
}

test('chooses a free port for each listener, also the port of samples that do not run', async () => {
  const { gateway, control, pki } = await placesWith();
  assert.equal(new Set([gateway.port, control.port, pki.port]).size, 3);
  const upstream = 'gateway.upstream=http://127.0.0.1:3000';
  const { port } = control;
  const places = await placesWith(
    upstream,
    `control.listen=127.0.0.1:${port}`,
    `samples.listen=127.0.0.1:${port}`,
  );
  assert.equal(places.control.port, port);
});

for (const [set, setting] of [
  ['gateway.upstream=https://localhost:8443', 'gateway.upstream'],
  ['gateway.upstreams.own=https://127.0.0.1:8443/v1', 'gateway.upstreams.own'],
  ['gateway.routes=[{"path":"/*","upstream":"http://[::1]:8443"}]', 'gateway.routes[0].upstream'],
] as const) {
  test(`refuses the gateway as its own upstream: ${set}`, async () => {
    const { config } = await loadConfig({ file: 'none', set: [set], environment: {} });
    assert.throws(
      () => refuseLoop(config),
      (error: Error) => {
        lineRefusal('config_invalid', /is gateway\.listen, so requests would come back/)(error);
        return error.message.startsWith(`Setting ${setting} is not valid: `);
      },
    );
  });
}

test('accepts upstreams on other ports and other machines, and the control listener', async () => {
  for (const upstream of [
    'https://localhost:9443',
    'http://127.0.0.1:3000',
    'https://192.0.2.1:8443',
    'unix:/run/a',
  ]) {
    const { config } = await loadConfig({
      file: 'none',
      set: [`gateway.upstream=${upstream}`],
      environment: {},
    });
    refuseLoop(config);
  }
});
