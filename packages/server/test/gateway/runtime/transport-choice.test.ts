// The runtime for each combination of settings.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseTransport, obstacleOnBun } from '../../../src/gateway/runtime/transport-choice.ts';
import { resolveTlsSettings } from '../../../src/platform/tls/tls-settings.ts';
import { refusal } from '../../support/errors.ts';

const PLAIN = resolveTlsSettings({});
const keyTypes = ['P-256', 'ec'];

test('auto is Bun on Linux and Node on other systems, with the reason', () => {
  const chosen = (platform: NodeJS.Platform) =>
    chooseTransport({ setting: 'auto', tls: PLAIN, acme: [], keyTypes, platform });
  assert.deepEqual(chosen('linux'), { transport: 'bun', because: undefined });
  assert.deepEqual(chosen('darwin'), { transport: 'node', because: 'this platform is darwin, not Linux' });
});

test('uses the transport that the setting names', () => {
  const chosen = (setting: 'bun' | 'node', platform: NodeJS.Platform) =>
    chooseTransport({ setting, tls: PLAIN, acme: [], keyTypes, platform }).transport;
  assert.equal(chosen('node', 'linux'), 'node');
  assert.equal(chosen('bun', 'darwin'), 'bun');
});

for (const [given, reason] of [
  [{ suites: 'TLS_AES_256_GCM_SHA384' }, /tls\.suites/],
  [{ suites: 'TLS_CHACHA20_POLY1305_SHA256,TLS_AES_128_GCM_SHA256,TLS_AES_256_GCM_SHA384' }, /tls\.suites/],
  [{ groups: 'X448,X25519' }, /tls\.groups has X448/],
  [{ groups: 'SecP384r1MLKEM1024' }, /tls\.groups/],
  [{ stapling: 'always' }, /tls\.stapling/],
  [{ keyLog: 'keys.log' }, /tls\.keyLog/],
] as const) {
  test(`${JSON.stringify(given)} needs Node: auto chooses it, and bun is refused`, () => {
    const tls = resolveTlsSettings(given);
    const { transport, because } = chooseTransport({
      setting: 'auto',
      tls,
      acme: [],
      keyTypes,
      platform: 'linux',
    });
    assert.equal(transport, 'node');
    assert.match(because ?? '', reason);
    assert.throws(
      () => chooseTransport({ setting: 'bun', tls, acme: [], keyTypes, platform: 'linux' }),
      refusal(
        'config_invalid',
        /^Setting gateway\.transport is not valid: Bun does not support a setting.*: use auto or node\.$/,
      ),
    );
  });
}

test('suites of TLS 1.2 and all of our default groups need no particular transport', () => {
  const older = resolveTlsSettings({
    preset: 'intermediate',
    suites: [...PLAIN.suites, 'ECDHE-RSA-AES256-GCM-SHA384'],
    groups: 'P-521,X25519MLKEM768',
  });
  assert.equal(
    chooseTransport({ setting: 'auto', tls: older, acme: [], keyTypes, platform: 'linux' }).transport,
    'bun',
  );
  const oldOnly = resolveTlsSettings({ maxVersion: '1.2' });
  assert.equal(
    chooseTransport({ setting: 'bun', tls: oldOnly, acme: [], keyTypes, platform: 'linux' }).transport,
    'bun',
  );
});

test('certificates with ML-DSA or RSA-PSS keys need Node, also those of authorities', () => {
  for (const type of ['ML-DSA-65', 'ml-dsa-44', 'rsa-pss', 'unknown']) {
    const wish = {
      setting: 'auto',
      tls: PLAIN,
      acme: [],
      keyTypes: ['P-256', type],
      platform: 'linux',
    } as const;
    const { transport, because } = chooseTransport(wish);
    assert.equal(transport, 'node');
    assert.match(because ?? '', new RegExp(type));
  }
});

test('a challenge of tls-alpn-01 needs Node, and other challenges do not', () => {
  const chosen = (challenge: 'http-01' | 'tls-alpn-01' | 'dns-01', setting: 'auto' | 'bun' = 'auto') =>
    chooseTransport({ setting, tls: PLAIN, acme: [{ challenge }], keyTypes, platform: 'linux' });
  assert.equal(chosen('http-01').transport, 'bun');
  assert.equal(chosen('dns-01').transport, 'bun');
  const { transport, because } = chosen('tls-alpn-01');
  assert.equal(transport, 'node');
  assert.match(because ?? '', /gateway\.acme has a challenge of tls-alpn-01/);
  assert.throws(
    () => chosen('tls-alpn-01', 'bun'),
    refusal('config_invalid', /Bun does not support a setting/),
  );
});

test('says what to do about keys that workers on Bun cannot use', () => {
  assert.equal(obstacleOnBun(['ec', 'P-384', 'rsa', 'RSA-3072', 'ed25519'], 'auto'), undefined);
  assert.match(obstacleOnBun(['ec', 'ml-dsa-65'], 'auto') ?? '', /ml-dsa-65 keys.*: restart Gatehouse$/);
  assert.match(
    obstacleOnBun(['ml-dsa-65'], 'bun') ?? '',
    /: set gateway\.transport to auto, and restart Gatehouse$/,
  );
});
