// The sources of settings, their precedence, and the one line for each invalid setting.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { Config } from '../../src/config.ts';
import type { ConfigSources } from '../../src/settings/load-config.ts';
import { loadConfig, settingPaths } from '../../src/settings/load-config.ts';
import { lineRefusal } from '../support/errors.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function load(sources: Partial<ConfigSources> = {}): Promise<Config> {
  return (await loadConfig({ set: [], environment: {}, ...sources })).config;
}

/** A configuration file in its own folder. */
function file(t: TestContext, name: string, content: string | Uint8Array): string {
  const path = join(temporaryFolder(t), name);
  writeFileSync(path, content);
  return path;
}

const jsonFile = (t: TestContext, content: unknown) =>
  file(t, 'gatehouse.config.json', JSON.stringify(content));

test('without any source every setting has its default', async () => {
  const config = await load();
  assert.deepEqual(config.gateway.listen, { host: '127.0.0.1', port: 8443 });
  assert.deepEqual(config.control.listen, { host: '127.0.0.1', port: 9443 });
  assert.deepEqual(config.pki.listen, { host: '127.0.0.1', port: 9080 });
  assert.deepEqual(config.samples.listen, { host: '127.0.0.1', port: 8080 });
  assert.equal(config.gateway.upstream, undefined);
  assert.deepEqual(config.gateway.routes, []);
  assert.equal(config.gateway.workers, 'auto');
  assert.equal(config.gateway.maxHeaderBytes, 16_384);
  assert.equal(config.gateway.timeouts.stall, 300);
  assert.equal(config.tls.minVersion, 'TLSv1.3');
  assert.equal(config.ca.serverLifetime, 30 * 86_400);
  assert.equal(config.identity.tokenLifetime, 900);
  assert.equal(config.log.access, 'access.log');
});

test('the environment wins over the file, --set over the environment, --upstream over --set', async (t) => {
  const origin = (port: number) => `http://127.0.0.1:${port}`;
  const upstreamFrom = async (sources: Partial<ConfigSources>) => (await load(sources)).gateway.upstream;
  const sources: Partial<ConfigSources> = { file: jsonFile(t, { gateway: { upstream: origin(1) } }) };
  assert.equal(await upstreamFrom(sources), origin(1));
  sources.environment = { GATEHOUSE_GATEWAY_UPSTREAM: origin(2) };
  assert.equal(await upstreamFrom(sources), origin(2));
  sources.set = [`gateway.upstream=${origin(3)}`, `gateway.upstream=${origin(4)}`];
  assert.equal(await upstreamFrom(sources), origin(4));
  sources.upstream = origin(5);
  assert.equal(await upstreamFrom(sources), origin(5));
});

test('a source replaces single settings, not the blocks around them', async (t) => {
  const config = await load({
    file: jsonFile(t, { gateway: { workers: 3, timeouts: { idle: '5s' } } }),
    environment: { GATEHOUSE_GATEWAY_TIMEOUTS_CONNECT: '2s' },
    set: ['gateway.timeouts.body=3s', 'gateway.upstreams.notes=http://127.0.0.1:3000'],
  });
  const { idle, connect, body } = config.gateway.timeouts;
  assert.deepEqual(
    { idle, connect, body, workers: config.gateway.workers },
    { idle: 5, connect: 2, body: 3, workers: 3 },
  );
  assert.deepEqual(config.gateway.upstreams, { notes: 'http://127.0.0.1:3000' });
});

/** A value that each setting accepts and that is not its default. */
const samples: Record<string, string> = {
  'gateway.listen': '127.0.0.1:1',
  'gateway.url': 'https://api.example.com',
  'gateway.upstream': 'http://127.0.0.1:3000',
  'gateway.upstreams': '{"notes":"http://127.0.0.1:3000"}',
  'gateway.routes': '[{"path":"/*"}]',
  'control.listen': '127.0.0.1:1',
  'control.url': 'https://id.example.com',
  'pki.listen': '127.0.0.1:1',
  'pki.url': 'http://pki.example.com',
  'ca.keyType': 'P-384',
  'ca.rootLifetime': '400d',
  'ca.intermediateLifetime': '400d',
  'ca.profiles.server.purposes': 'client,server',
  'ca.profiles.client.purposes': 'client,server',
  'ca.profiles.peer.purposes': 'client',
  'ca.profiles.server.keyTypes': 'P-256,Ed25519',
  'ca.profiles.client.keyTypes': 'P-256',
  'ca.profiles.peer.keyTypes': 'ML-DSA-65',
  'acme.resolver': '127.0.0.1:53',
  'acme.profile': 'peer',
  'acme.networks': '10.0.0.0/8',
  'gateway.clientCertificates': 'require',
  'gateway.transport': 'node',
  'gateway.acme': '[{"directory":"https://ca.example/dir","names":["a.example"],"challenge":"http-01"}]',
  'gateway.httpListen': ':80',
  'gateway.certificates': '[{"certificate":"a.pem","key":"a.key"}]',
  'control.metrics': 'public',
  'samples.listen': '127.0.0.1:1',
  'samples.tokenLifetime': '5m',
  'tls.preset': 'intermediate',
  'tls.minVersion': '1.2',
  'tls.maxVersion': '1.2',
  'tls.suites': 'TLS_AES_256_GCM_SHA384, TLS_AES_128_GCM_SHA256',
  'tls.groups': 'X25519,P-256',
  'tls.stapling': 'always',
  'ca.name': '2026',
  'ca.trustDomain': 'example.org',
  'ca.names': 'api.example.com, 192.0.2.7',
  'acme.requireEab': 'true',
  'control.require': 'mfa',
  'oauth.refreshTokenLifetime': '2h',
  'oauth.deviceCodeLifetime': '5m',
  'oauth.requireDpopNonce': 'true',
  'oauth.registration': 'true',
  'identity.resetLifetime': '2h',
  'identity.sessionLifetime': '2h',
  'identity.sessionIdle': '2h',
  'identity.providers': '[{"name":"sso","issuer":"https://sso.example","clientId":"gatehouse"}]',
  'channel.inOrder': 'true',
  'config.watch': 'true',
  'sealing.enabled': 'false',
  'gateway.digest.md5': 'true',
  'gateway.dpop.requireNonce': 'true',
  'oauth.clientIdMetadataDocuments.enabled': 'true',
  'oauth.clientIdMetadataDocuments.networks': '10.0.0.0/8',
  'control.accept': 'basic',
  'log.level': 'debug',
  'log.access': 'none',
  'authz.roles': '{"manager":{"includes":["employee"]}}',
  'audit.witnessAddress.url': 'https://store.example/head.json',
  'audit.witnessAddress.trust': 'roots.pem',
  'audit.witnessAddress.required': 'true',
};

/** Other settings that must be set, too. */
const alongside: Record<string, string[]> = Object.fromEntries(
  ['tokenFile', 'trust', 'required'].map((name) => [
    `audit.witnessAddress.${name}`,
    ['audit.witnessAddress.url=https://store.example/head.json'],
  ]),
);

for (const path of settingPaths()) {
  const name = path.join('.');
  const variable = `GATEHOUSE_${path
    .join('_')
    .replaceAll(/([A-Z])/g, '_$1')
    .toUpperCase()}`;
  test(`${name} can be set with --set and with ${variable}, to the same effect`, async () => {
    const value = samples[name] ?? '13';
    const others = alongside[name] ?? [];
    const read = (config: Config) =>
      path.reduce<unknown>((tree, key) => (tree as Record<string, unknown>)[key], config);
    const bySet = read(await load({ set: [...others, `${name}=${value}`] }));
    assert.deepEqual(read(await load({ set: others, environment: { [variable]: value } })), bySet);
    assert.notDeepEqual(bySet, read(await load({ set: others })));
  });
}

test('ignores variables of other programs, with one word or a reserved name', async () => {
  await load({
    environment: {
      PATH: '/bin',
      GATEHOUSE_DATA: '/tmp/x',
      GATEHOUSE_MASTER_KEY_FILE: '/tmp/key',
      GATEHOUSE_VECTORS: '/tmp/vectors',
      GATEHOUSE_COLOUR: 'blue',
      GATEHOUSE_GATEWAY_LISTEN: undefined,
    },
  });
});

/** The variables that Kubernetes and Docker set for services called gatehouse and gatehouse-control. */
const serviceLinks: Record<string, string> = {
  GATEHOUSE_SERVICE_HOST: '10.0.0.1',
  GATEHOUSE_SERVICE_PORT: '8443',
  GATEHOUSE_SERVICE_PORT_HTTPS_ALT: '8443',
  GATEHOUSE_PORT: 'tcp://10.0.0.1:8443',
  GATEHOUSE_PORT_8443_TCP: 'tcp://10.0.0.1:8443',
  GATEHOUSE_PORT_8443_TCP_PROTO: 'tcp',
  GATEHOUSE_PORT_8443_TCP_PORT: '8443',
  GATEHOUSE_PORT_8443_TCP_ADDR: '10.0.0.1',
  GATEHOUSE_PORT_53_UDP: 'udp://[fd00::1]:53',
  GATEHOUSE_PORT_53_UDP_ADDR: 'fd00::1',
  GATEHOUSE_PORT_9899_SCTP_PROTO: 'sctp',
  GATEHOUSE_CONTROL_SERVICE_HOST: 'fd00::1',
  GATEHOUSE_CONTROL_SERVICE_PORT: '9443',
  GATEHOUSE_CONTROL_SERVICE_PORT_ADMIN: '9443',
  GATEHOUSE_CONTROL_PORT: 'tcp://10.0.0.1:9443',
  GATEHOUSE_CONTROL_PORT_9443_TCP: 'tcp://[fd00::1]:9443',
  GATEHOUSE_CONTROL_NAME: '/web/gatehouse-control',
  GATEHOUSE_PORT_9000_TCP_START: 'tcp://172.17.0.2:9000',
  GATEHOUSE_PORT_9000_TCP_PORT_END: '9010',
  GATEHOUSE_ENV_NODE_VERSION: '26.1.0',
  GATEHOUSE_ENV_empty: '',
  // For a service of that name. The setting acme.httpPort has the same variable.
  GATEHOUSE_ACME_HTTP_PORT: 'tcp://10.0.0.1:80',
};

test('variables of service links neither stop the start nor change a setting', async () => {
  assert.deepEqual(await load({ environment: serviceLinks }), await load());
});

const almostServiceLinks: [name: string, value: string][] = [
  ['GATEHOUSE_CONTROL_PORT', '9443'],
  ['GATEHOUSE_CONTROL_PORT', 'tcp://control:9443'],
  ['GATEHOUSE_CONTROL_PORT', 'http://10.0.0.1:9443'],
  ['GATEHOUSE_CONTROL_PORT', 'tcp://10.0.0.1:99443'],
  ['GATEHOUSE_CONTROL_PORT', 'tcp://10.0.0.1:9443/'],
  ['GATEHOUSE_SERVICE_HOST', 'localhost'],
  ['GATEHOUSE_SERVICE_PORT', ':8443'],
  ['GATEHOUSE_SERVICE_PORT', '0'],
  ['GATEHOUSE_SERVICE_LISTEN', '127.0.0.1:8443'],
  ['GATEHOUSE_GATEWAY_HOST', '10.0.0.1'],
  ['GATEHOUSE_PORT_TCP', 'tcp://10.0.0.1:8443'],
  ['GATEHOUSE_PORT_8443_TCP_NAME', 'https'],
  ['GATEHOUSE_PORT_8443_TCP_PROTO', 'http'],
  ['GATEHOUSE_PORT_8443_TCP_PORT_END', 'tcp://10.0.0.1:9010'],
  ['GATEHOUSE_CONTROL_NAME', 'control'],
];

for (const [name, value] of almostServiceLinks) {
  test(`${name}=${value} is not a service link, and stops the start`, async () => {
    await assert.rejects(
      load({ environment: { [name]: value } }),
      lineRefusal('config_unknown', new RegExp(`^Unknown setting ${name} in the environment: `)),
    );
  });
}

const wholes: [content: unknown, set: string, message: RegExp][] = [
  [
    { gateway: [] },
    'gateway.workers=1',
    /^Setting gateway\.workers cannot be set: gateway is already set as a whole/,
  ],
  [{ gateway: { timeouts: 5 } }, 'gateway.timeouts.idle=1s', /timeouts is already set as a whole\.$/],
  [
    { gateway: { routes: [{ path: '/*' }] } },
    'gateway.routes.0.path=/a',
    /routes is already set as a whole\.$/,
  ],
];

for (const [content, set, message] of wholes) {
  test(`--set ${set} does not replace ${JSON.stringify(content)} silently`, async (t) => {
    await assert.rejects(
      load({ file: jsonFile(t, content), set: [set] }),
      lineRefusal('config_invalid', message),
    );
  });
}

test('an unknown or invalid setting in the environment stops the start, and the error names it', async () => {
  await assert.rejects(
    load({ environment: { GATEHOUSE_GATEWAY_LISEN: ':1' } }),
    lineRefusal(
      'config_unknown',
      /^Unknown setting GATEHOUSE_GATEWAY_LISEN in the environment \(did you mean GATEHOUSE_GATEWAY_LISTEN\?\): unset or correct it\.$/,
    ),
  );
  await assert.rejects(
    load({ environment: { GATEHOUSE_GATEWAY_WORKERS: 'many' } }),
    lineRefusal('config_invalid', /^Setting gateway\.workers is not valid: /),
  );
});

test('a variable that is a setting without its block is refused, and one of another program is not', async () => {
  const refused = (name: string, meant: string) =>
    assert.rejects(
      load({ environment: { [name]: '127.0.0.1:1' } }),
      lineRefusal('config_unknown', new RegExp(`Unknown setting ${name} .*\\(did you mean ${meant}\\?\\)`)),
    );
  await refused('GATEHOUSE_LISTEN', 'GATEHOUSE_GATEWAY_LISTEN');
  await refused('GATEHOUSE_UPSTREAM', 'GATEHOUSE_GATEWAY_UPSTREAM');
  await refused('GATEHOUSE_CONFIG', '--config FILE');
  await load({ environment: { GATEHOUSE_HOME: '/opt/gatehouse' } });
});

test('reads a .json file of the same shape', async (t) => {
  const config = await load({
    file: jsonFile(t, { gateway: { routes: [{ path: '/*', access: 'public' }] } }),
  });
  assert.equal(config.gateway.routes[0]?.access, 'public');
});

const typescript = `
import type { UserConfig } from 'gatehouse';
import { defineConfig } from 'gatehouse';
const workers: number = 3;
export default defineConfig({ gateway: { workers } } satisfies UserConfig);
`;

for (const type of ['module', 'commonjs', undefined]) {
  test(`reads a .ts file that imports 'gatehouse', far from any installation, under ${type ? `"type": "${type}"` : 'no package.json'}`, async (t) => {
    const path = file(t, 'gatehouse.config.ts', typescript);
    if (type) writeFileSync(join(path, '..', 'package.json'), JSON.stringify({ name: 'api', type }));
    assert.equal((await load({ file: path })).gateway.workers, 3);
  });
}

test('a file that is read again has no settings left from the first time', async (t) => {
  const path = file(t, 'shared.config.ts', 'export default { gateway: { workers: 3 } };');
  assert.equal((await load({ file: path, set: ['gateway.workers=5'] })).gateway.workers, 5);
  assert.equal((await load({ file: path })).gateway.workers, 3);
});

test('finds gatehouse.config.json or gatehouse.config.ts in the working folder, and refuses both', async (t) => {
  const before = process.cwd();
  t.after(() => process.chdir(before));
  const folder = temporaryFolder(t);
  process.chdir(folder);
  const workers = async () => (await load()).gateway.workers;
  assert.equal(await workers(), 'auto');
  writeFileSync(join(folder, 'gatehouse.config.json'), '{"gateway":{"workers":2}}');
  assert.equal(await workers(), 2);
  writeFileSync(join(folder, 'gatehouse.config.ts'), 'export default { gateway: { workers: 3 } };');
  await assert.rejects(
    workers(),
    lineRefusal(
      'config_unreadable',
      /has both gatehouse\.config\.ts and gatehouse\.config\.json: remove one/,
    ),
  );
  rmSync(join(folder, 'gatehouse.config.json'));
  assert.equal(await workers(), 3);
});

const unreadable: [what: string, name: string, content: string, message: RegExp][] = [
  ['broken JSON', 'a.json', '{"gateway":', /a\.json cannot be read: /],
  ['a list', 'a.json', '[]', /a\.json must be one object, \{ … \}\.$/],
  ['null', 'a.json', 'null', /a\.json must be one object/],
  ['broken TypeScript', 'a.ts', 'export default {', /a\.ts cannot be read: /],
  [
    'no default export',
    'a.ts',
    'export const config = {};',
    /a\.ts must export a configuration object by default\.$/,
  ],
  [
    'an import that does not exist',
    'a.ts',
    "import 'nowhere-at-all'; export default {};",
    /a\.ts cannot be read: .*nowhere-at-all/,
  ],
  [
    'an error in it',
    'a.ts',
    "throw new Error('needs STAGE'); export default {};",
    /a\.ts cannot be read: needs STAGE\.$/,
  ],
  [
    'a function among the settings',
    'a.ts',
    'export default { gateway: { upstream: () => "x" } };',
    /a\.ts cannot be read: it has a function, a promise, or another value that is not a setting: export the object itself\.$/,
  ],
];

for (const [what, name, content, message] of unreadable) {
  test(`a file with ${what} stops the start with one line that names it`, async (t) => {
    await assert.rejects(load({ file: file(t, name, content) }), lineRefusal('config_unreadable', message));
  });
}

test('a named file that does not exist, or is a folder, stops the start', async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'folder.json'));
  for (const name of ['nowhere.ts', 'nowhere.json', 'folder.json']) {
    await assert.rejects(
      load({ file: join(folder, name) }),
      lineRefusal('config_unreadable', /cannot be read: /),
    );
  }
});

test('an unknown setting in the file stops the start, also __proto__ and constructor', async (t) => {
  const unknown: [string, RegExp][] = [
    ['{"gateway":{"lisen":":1"}}', /^Unknown setting gateway\.lisen: did you mean gateway\.listen\?$/],
    ['{"__proto__":{"polluted":1}}', /^Unknown setting __proto__/],
    ['{"gateway":{"__proto__":{"upstream":"http://127.0.0.1:1"}}}', /^Unknown setting gateway\.__proto__/],
    ['{"constructor":{"prototype":{"polluted":1}}}', /^Unknown setting constructor/],
  ];
  for (const [content, message] of unknown) {
    await assert.rejects(load({ file: file(t, 'a.json', content) }), lineRefusal('config_unknown', message));
  }
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});

test('an upstream or a route key may have the name of a member of Object', async (t) => {
  const { gateway } = await load({
    file: jsonFile(t, { gateway: { upstreams: { constructor: 'http://127.0.0.1:1' } } }),
  });
  assert.deepEqual(Object.entries(gateway.upstreams), [['constructor', 'http://127.0.0.1:1']]);
});

test('ignores a byte order mark in a configuration file, JSON or TypeScript', async (t) => {
  const files = [
    file(t, 'gatehouse.config.json', '\ufeff{"gateway":{"workers":3}}'),
    file(t, 'gatehouse.config.ts', '\ufeffexport default { gateway: { workers: 3 as number } };'),
  ];
  for (const path of files) assert.equal((await load({ file: path })).gateway.workers, 3);
});

test('refuses a configuration file that is not UTF-8, and says where', async (t) => {
  const octets = (text: string) => Buffer.from(text, 'latin1');
  const files = [
    file(t, 'gatehouse.config.json', octets('{"control":{"url":"https://b\xfccher.example"}}')),
    file(t, 'gatehouse.config.ts', octets('// f\xfcr alle\nexport default {};')),
  ];
  const message = /gatehouse\.config\.(json|ts) is not text in UTF-8 \(at offset (28|4) is an octet /;
  for (const path of files)
    await assert.rejects(load({ file: path }), lineRefusal('config_unreadable', message));
});

test('refuses a setting in which Node has replaced octets that are not UTF-8', async () => {
  const sources = [
    { set: ['log.access=caf\ufffd.log'] },
    { environment: { GATEHOUSE_LOG_ACCESS: 'caf\ufffd.log' } },
  ];
  const message = /^The value of (log\.access|GATEHOUSE_LOG_ACCESS) is not text in UTF-8: /;
  for (const source of sources) await assert.rejects(load(source), lineRefusal('config_invalid', message));
});
