// `config check` and a start refuse the same settings, with the same words.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { listen } from '../../src/platform/listening/listener.ts';
import { serve } from '../../src/server.ts';
import { checkConfiguration } from '../../src/settings/check-configuration.ts';
import { TEST_SETTINGS } from '../support/spawn-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Settings that the schema accepts, and their mistakes. */
const REFUSED: [set: string, message: RegExp][] = [
  ['ca.names=exa mple', /^Setting ca\.names is not valid: "exa mple" is not a domain name/],
  ['ca.names=http://a.b', /^Setting ca\.names is not valid: http:\/\/a\.b is neither/],
  ['ca.names=10.0.0.0/8', /^Setting ca\.names is not valid/],
  ['ca.profiles.server.lifetime=800h', /^Setting ca\.profiles\.server\.lifetime is longer/],
  ['ca.profiles.server.names=a b', /^Setting ca\.profiles\.server\.names is not valid/],
  ['ca.profiles.root.lifetime=1h', /^Setting ca\.profiles\.root is not valid: choose another name/],
  ['ca.keyType=ML-DSA-65 gateway.transport=bun', /^Setting gateway\.transport is not valid/],
  ['acme.names=exa mple', /^Setting acme\.names is not valid/],
  ['acme.networks=10.0.0.0/99', /^Setting acme\.networks is not valid/],
  ['acme.networks=169.254.0.0/16', /^Setting acme\.networks is not valid: validation never connects/],
  ['acme.resolver=dns.example', /^Setting acme\.resolver is not valid/],
  ['acme.profile=nope', /^Setting acme\.profile is not valid: there is no profile nope/],
  ['acme.profile=client', /^Setting acme\.profile is not valid: the profile client is only for clients/],
  ['audit.witness=/nowhere/w.json', /^Setting audit\.witness is not valid: .*there is no such folder/],
  ['audit.witness=FOLDER', /^Setting audit\.witness is not valid: .*it is a folder/],
  [
    'audit.witness=ledger-head.json',
    /^Setting audit\.witness is not valid: .*built-in witness of the data folder/,
  ],
  [
    'audit.witnessAddress.url=https://a.example/head audit.witnessAddress.tokenFile=/nowhere/t',
    /^Setting audit\.witnessAddress\.tokenFile is not valid: \/nowhere\/t cannot be used: there is no such file/,
  ],
  [
    'audit.witnessAddress.url=https://a.example/head audit.witnessAddress.trust=FOLDER',
    /^Setting audit\.witnessAddress\.trust is not valid: .*it is a folder/,
  ],
  ['log.access=/nowhere/a.log', /^Setting log\.access is not valid: .*there is no such folder/],
  ['log.access=FOLDER', /^Setting log\.access is not valid: .*it is a folder/],
  ['tls.keyLog=/nowhere/k', /^Setting tls\.keyLog is not valid: .*there is no such folder/],
  ['tls.keyLog=FOLDER', /^Setting tls\.keyLog is not valid: .*it is a folder/],
  ['gateway.listen=203.0.113.9:0', /^This machine has no address 203\.0\.113\.9: correct gateway\.listen/],
  ['gateway.httpListen=203.0.113.9:0', /^This machine has no address .* gateway\.httpListen/],
  ['control.listen=203.0.113.9:0', /^This machine has no address .* control\.listen/],
  ['pki.listen=203.0.113.9:0', /^This machine has no address .* pki\.listen/],
  [
    'gateway.listen=127.0.0.1:7 control.listen=127.0.0.1:7',
    /^Setting control\.listen is not valid: gateway\.listen has the same port 7/,
  ],
];

for (const [written, message] of REFUSED) {
  test(`a start and config check refuse ${written}`, async (t) => {
    const folder = temporaryFolder(t);
    const data = join(folder, 'data');
    const own = written.replace('FOLDER', folder).split(/ (?=\w+\.)/);
    const set = [...TEST_SETTINGS, 'log.level=silent', ...own];
    const { problems } = await checkConfiguration({ file: 'none', data, set, environment: {} });
    assert.equal(problems.length, 1, problems.join('\n'));
    assert.match(problems[0] ?? '', message);
    assert.equal(existsSync(data), false, 'a check makes nothing');
    await assert.rejects(serve({ config: 'none', data, set, environment: {} }), { message: problems[0] });
  });
}

test('finds all of them at once', async (t) => {
  const set = [...TEST_SETTINGS, 'ca.names=a b', 'acme.profile=nope', 'log.access=/nowhere/a.log'];
  const data = join(temporaryFolder(t), 'data');
  const { problems } = await checkConfiguration({ file: 'none', data, set, environment: {} });
  assert.equal(problems.length, 3);
});

test('warns about missing files of gateway.acme, because a start accepts them', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'hook'), '#!/bin/sh\n', { mode: 0o644 });
  const order = {
    directory: 'https://ca.example/dir',
    names: ['a.example'],
    challenge: 'dns-01',
    hook: join(folder, 'hook'),
    trust: join(folder, 'roots.pem'),
    eab: { keyId: 'k', hmacKeyFile: join(folder, 'key') },
  };
  const acme = [order, { ...order, names: ['b.example'], hook: join(folder, 'nothing') }];
  const set = [...TEST_SETTINGS, `gateway.acme=${JSON.stringify(acme)}`];
  const { problems, warnings } = await checkConfiguration({ file: 'none', set, environment: {} });
  assert.deepEqual(problems, []);
  const expected = [
    `Certificate a.example cannot be ordered: ${folder}/roots.pem (trust) cannot be used: there is no such file.`,
    `Certificate a.example cannot be ordered: ${folder}/key (eab.hmacKeyFile) cannot be read: there is no such file.`,
    `Certificate a.example cannot be ordered: ${folder}/hook (hook) cannot be run: this user may not run it.`,
    `Certificate b.example cannot be ordered: ${folder}/nothing (hook) cannot be run: there is no such program.`,
  ];
  assert.deepEqual(
    expected.filter((warning) => !warnings.includes(warning)),
    [],
  );
});

test('a port that is taken is only a warning, because a server may run with this configuration', async (t) => {
  const other = createServer();
  const port = await listen(other, { host: '127.0.0.1', port: 0 }, 'x');
  t.after(() => void other.close());
  const set = [...TEST_SETTINGS, `gateway.listen=127.0.0.1:${port}`];
  const { problems, warnings } = await checkConfiguration({ file: 'none', set, environment: {} });
  assert.deepEqual(problems, []);
  assert.deepEqual(warnings, [
    'These ports are taken, by a server that runs now or by another program: gateway.listen.',
  ]);
});

test('files in a data folder that does not exist yet are no problem, and nothing is written', async (t) => {
  const folder = temporaryFolder(t);
  const data = join(folder, 'data');
  const set = [...TEST_SETTINGS, 'log.access=a.log', 'audit.witness=w.json', 'tls.keyLog=k.log'];
  const check = async () => (await checkConfiguration({ file: 'none', data, set, environment: {} })).problems;
  assert.deepEqual(await check(), []);
  assert.equal(existsSync(data), false);
  mkdirSync(data);
  assert.deepEqual(await check(), []);
});

test('a start and config check refuse a SECRET_KEY that is no key, if the samples serve', async (t) => {
  const data = join(temporaryFolder(t), 'data');
  const set = [...TEST_SETTINGS.filter((each) => !each.startsWith('gateway.upstream')), 'log.level=silent'];
  for (const [SECRET_KEY, flaw] of [
    ['', 'The key is empty'],
    ['c2hvcnQ=', 'The key has 5 bytes instead of 32'],
    [`${'A'.repeat(43)}=`, 'The key has 32 equal bytes'],
  ] as const) {
    const sources = { data, set, environment: { SECRET_KEY } };
    const { problems } = await checkConfiguration(sources);
    assert.match(problems[0] ?? '', /^The environment variable SECRET_KEY, for the sample services, is not/);
    assert.ok(problems[0]?.includes(flaw) && (SECRET_KEY === '' || !problems[0].includes(SECRET_KEY)));
    await assert.rejects(serve(sources), { message: problems[0] });
    const upstream = [...set, 'gateway.upstream=http://127.0.0.1:1'];
    assert.deepEqual((await checkConfiguration({ ...sources, set: upstream })).problems, []);
  }
});
