// Imports point one way (ARCHITECTURE.md): {protocol, x509} ← access ← {dataplane, server}, and within the
// server platform ← {ca, identity, audit} ← {acme, oauth, authz, channel} ← gateway ← the root. Reads every
// import in packages/*/src and refuses any other arrow.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface Import {
  /** The importing file, from the root of the repository. */
  from: string;
  /** As written. */
  specifier: string;
  /** `import()` loads when it is needed. `import type` does not exist at run time. */
  kind: 'static' | 'type' | 'lazy';
}

const PACKAGES: Record<string, string> = {
  '@gatehouse/cedar': 'cedar',
  '@gatehouse/protocol': 'protocol',
  '@gatehouse/x509': 'x509',
  '@gatehouse/access': 'access',
  '@gatehouse/dataplane': 'dataplane',
  '@gatehouse/client': 'client',
  '@gatehouse/server': 'server',
  '@gatehouse/samples': 'samples',
  '@gatehouse/console': 'console',
  '@gatehouse/gatehouse': 'cli',
};

/** Other entries of a package beside its index, for importers that must load little. */
const SECOND_FACES = new Set([
  '@gatehouse/x509/reading',
  '@gatehouse/client/channel',
  '@gatehouse/client/errors',
  '@gatehouse/client/ftp',
  '@gatehouse/client/hash',
  '@gatehouse/client/oauth',
  '@gatehouse/client/partial-content',
  '@gatehouse/client/request',
  '@gatehouse/client/revocation',
  '@gatehouse/client/sockets',
  '@gatehouse/client/xmlrpc',
  '@gatehouse/protocol/sealed-fetch',
]);

/** The packages that each of our packages may import. */
const BETWEEN_PACKAGES: Record<string, readonly string[]> = {
  cedar: [],
  protocol: [],
  x509: [],
  access: ['cedar', 'protocol', 'x509'],
  dataplane: ['protocol', 'x509', 'access'],
  client: ['protocol', 'x509'],
  samples: ['protocol'],
  console: ['protocol', 'client'],
  server: ['cedar', 'protocol', 'x509', 'access', 'dataplane', 'samples'],
  cli: ['protocol', 'x509', 'client'],
};

/**
 * Modules that the decisions about access and their process must not load: servers, stores, schemas. The data
 * plane has its own HTTP engine, and only its transports open sockets.
 */
const NOT_IN_THE_DATA_PLANE: Record<string, RegExp> = {
  cedar: /^node:/,
  access:
    /^(?:node:(?:http|https|http2|net|tls|fs|sqlite|worker_threads)|undici|hono|zod|kysely|pino|jose)(?:\/|$)/,
  dataplane: /^(?:node:(?:http|https|http2|sqlite)|undici|hono|zod|kysely|pino|jose)(?:\/|$)/,
};

/** Parts of the client that only `import()` loads. */
const LOADED_LATE = ['packages/client/src/revocation/', 'packages/client/src/network/renew-at-gatehouse.ts'];

/** The only files of the command line that may import the server, and only when they run. */
const UP = 'packages/cli/src/commands/up/up.ts';
const LOADERS = [
  UP,
  'packages/cli/src/commands/backup/backup.ts',
  'packages/cli/src/commands/restore/restore.ts',
  'packages/cli/src/commands/config/check.ts',
  'packages/cli/src/commands/doctor/configuration.ts',
  'packages/cli/src/commands/policy/format.ts',
];
const CLI_INDEX = 'packages/cli/src/index.ts';

/**
 * The layers of the server. Each may import from earlier ones. The last layer wires the others: the files
 * beside the folders, and the folders of WIRING.
 */
const LAYERS: readonly (readonly string[])[] = [
  ['platform'],
  ['configuration', 'keyring', 'acme-client'],
  ['ca', 'identity', 'audit'],
  ['acme', 'oauth', 'authz', 'channel', 'sealing'],
  ['gateway'],
  ['backup', 'monitoring'],
  ['.'],
];

/** Folders of the last layer. Its files import each other freely, so these folders have no index.ts. */
const WIRING = new Set(['settings', 'ways-in', 'key-sets', 'data-plane', 'control-plane', 'samples']);

/** Why an import is refused, or undefined. */
function refusal(arrow: Import): string | undefined {
  const { from, specifier } = arrow;
  if (specifier.startsWith('.')) return relativeRefusal(from, normalize(join(dirname(from), specifier)));
  const [scope = '', name = ''] = specifier.split('/');
  const bare = scope.startsWith('@') ? `${scope}/${name}` : scope;
  const target = PACKAGES[bare];
  if (target === undefined) return outsideRefusal(from, specifier);
  if (specifier !== bare && !SECOND_FACES.has(specifier))
    return `${specifier} reaches into another package: import from ${bare}`;
  return packageRefusal(arrow, target);
}

function outsideRefusal(from: string, specifier: string): string | undefined {
  const source = packageOf(from);
  return NOT_IN_THE_DATA_PLANE[source]?.test(specifier) ? `${source} must not load ${specifier}` : undefined;
}

function packageRefusal({ from, specifier, kind }: Import, target: string): string | undefined {
  const source = packageOf(from);
  if (NOT_IN_THE_DATA_PLANE[source] && target === 'x509' && specifier !== '@gatehouse/x509/reading')
    return `${source} must import @gatehouse/x509/reading, which loads little`;
  if (source === 'cli' && target === 'server') {
    const allowed = kind === 'type' || from === CLI_INDEX || (LOADERS.includes(from) && kind === 'lazy');
    return allowed
      ? undefined
      : 'only `up`, `backup`, `restore`, `config check`, `doctor` and `policy format` may load the server, and only when they run';
  }
  if (source === 'client' && target === 'x509' && kind === 'static') {
    const isLoadedLate = LOADED_LATE.some((place) => from.startsWith(place));
    if (!isLoadedLate) return 'client must not import x509 before it is needed';
  }
  if (source === 'server' && target === 'samples' && placeOf(from) !== '.')
    return 'only the server root may import the samples';
  return BETWEEN_PACKAGES[source]?.includes(target) ? undefined : `${source} must not import ${target}`;
}

function relativeRefusal(from: string, to: string): string | undefined {
  const [source, target] = [packageOf(from), packageOf(to)];
  if (to === `packages/${source}/package.json`) return undefined;
  if (source !== target) return `${to} is in another package: import it by its name`;
  return source === 'server' ? withinServerRefusal(from, to) : undefined;
}

function withinServerRefusal(from: string, to: string): string | undefined {
  const [source, target] = [placeOf(from), placeOf(to)];
  if (source === target) return undefined;
  if (layerOf(target) < 0) return `${target} is in no layer: add it to the list`;
  if (target === 'audit' && from !== 'packages/server/src/capabilities.ts')
    return 'no capability imports audit: it listens to events';
  if (layerOf(target) >= layerOf(source)) return `${source} must not import ${target}`;
  const face = to === `packages/server/src/${target}/index.ts`;
  if (target === 'platform' || face) return undefined;
  return `${target} is reached through its index.ts only`;
}

function packageOf(path: string): string {
  return path.split('/')[1] ?? '';
}

/** The folder of the server's source with this file; `.` for the files of the last layer. */
function placeOf(path: string): string {
  const [, , , folder = '', rest] = path.split('/');
  return rest === undefined || WIRING.has(folder) ? '.' : folder;
}

function layerOf(place: string): number {
  return LAYERS.findIndex((layer) => layer.includes(place));
}

const STATEMENT = /^[ \t]*(?:import|export)\s+(type\s)?[^'";]*?from\s*'([^']+)'|^[ \t]*import\s*'([^']+)'/gm;
const LAZY = /\bimport\(\s*'([^']+)'/g;

/** The imports and re-exports in a source text, without those in comments. */
function importsOf(from: string, text: string): Import[] {
  const code = text.replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
  const statements = [...code.matchAll(STATEMENT)].map(([, type, named, bare]): Import => {
    return { from, specifier: named ?? bare ?? '', kind: type ? 'type' : 'static' };
  });
  const lazy = [...code.matchAll(LAZY)].map(
    ([, specifier = '']): Import => ({ from, specifier, kind: 'lazy' }),
  );
  return [...statements, ...lazy];
}

const files = globSync('packages/*/src/**/*.{ts,tsx,js,mjs}', { cwd: ROOT }).sort();

test('every import in packages/*/src points in the allowed direction', () => {
  assert.ok(files.length > 100, 'the sources were not found');
  const arrows = files.flatMap((from) => importsOf(from, readFileSync(join(ROOT, from), 'utf8')));
  assert.ok(arrows.length > files.length, 'the imports were not found');
  const refused = arrows.flatMap((arrow) => {
    const why = refusal(arrow);
    return why ? [`${arrow.from} → ${arrow.specifier}: ${why}`] : [];
  });
  assert.deepEqual(refused, []);
});

test('no file of packages/*/src imports itself through others, also not for a type', () => {
  const targets = new Map(files.map((from) => [from, relativeTargets(from)]));
  const finished = new Set<string>();
  const circleFrom = (file: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (finished.has(file)) return undefined;
    for (const next of targets.get(file) ?? []) {
      const circle = circleFrom(next, [...path, file]);
      if (circle) return circle;
    }
    finished.add(file);
    return undefined;
  };
  for (const file of files) assert.equal(circleFrom(file, [])?.join(' → '), undefined);
});

function relativeTargets(from: string): string[] {
  return importsOf(from, readFileSync(join(ROOT, from), 'utf8'))
    .filter(({ specifier, kind }) => specifier.startsWith('.') && kind !== 'lazy')
    .map(({ specifier }) => normalize(join(dirname(from), specifier)));
}

test('reads imports over several lines, of types, re-exports and lazy ones, and skips comments', () => {
  const text = `
// import { no } from './comment.ts';
import './bare.ts';
import type { T } from './type.ts';
import {
  a,
  type B,
} from './lines.ts';
export { c } from './again.ts';
export type { D } from './again-type.ts';
export * from './all.ts';
export const from = 'not/this';
const later = await import('./later.ts');
`;
  assert.deepEqual(
    importsOf('f', text).map(({ specifier, kind }) => `${kind} ${specifier}`),
    [
      'static ./bare.ts',
      'type ./type.ts',
      'static ./lines.ts',
      'static ./again.ts',
      'type ./again-type.ts',
      'static ./all.ts',
      'lazy ./later.ts',
    ],
  );
});

const server = (path: string) => `packages/server/src/${path}`;

const allowed: [from: string, specifier: string, kind?: Import['kind']][] = [
  [server('platform/http/app.ts'), '../log/log.ts'],
  [server('platform/keys/key-store.ts'), 'jose'],
  [server('platform/tls/tls.ts'), '@gatehouse/x509'],
  [server('ca/store.ts'), '../platform/store/database.ts'],
  [server('ca/index.ts'), '@gatehouse/x509'],
  [server('platform/listening/client-certificate.ts'), '@gatehouse/access'],
  [server('gateway/processes/supervisor.ts'), '@gatehouse/dataplane'],
  ['packages/access/src/credentials/client-certificate.ts', '@gatehouse/x509/reading'],
  ['packages/access/src/credentials/client-certificate.ts', 'node:crypto'],
  ['packages/dataplane/src/main.ts', '@gatehouse/access'],
  ['packages/dataplane/src/transport/node.ts', 'node:tls'],
  [server('acme/order.ts'), '../ca/index.ts'],
  [server('oauth/index.ts'), '../identity/index.ts'],
  [server('gateway/index.ts'), '../authz/index.ts'],
  [server('gateway/index.ts'), '../oauth/index.ts'],
  [server('server.ts'), './gateway/index.ts'],
  [server('server.ts'), '@gatehouse/samples'],
  [server('server.ts'), './platform/log/log.ts'],
  [server('data-plane/gateway-plan.ts'), '../config.ts'],
  [server('settings/configuration-state.ts'), '../data-plane/gateway-plan.ts'],
  [server('capabilities.ts'), './audit/index.ts'],
  [server('platform/version.ts'), '../../package.json'],
  ['packages/client/src/client.ts', '@gatehouse/protocol'],
  ['packages/client/src/network/renew-at-gatehouse.ts', '@gatehouse/x509', 'lazy'],
  ['packages/samples/src/index.ts', '@gatehouse/protocol'],
  ['packages/cli/src/main.ts', '@gatehouse/client'],
  ['packages/cli/src/commands/pki.ts', '@gatehouse/x509'],
  ['packages/client/src/channel/verify-offer.ts', '@gatehouse/x509', 'lazy'],
  ...LOADERS.map((from): [string, string, 'lazy'] => [from, '@gatehouse/server', 'lazy']),
  ['packages/cli/src/commands/up/banner.ts', '@gatehouse/server', 'type'],
  [CLI_INDEX, '@gatehouse/server'],
];

for (const [from, specifier, kind = 'static'] of allowed) {
  test(`lets ${from} import ${specifier} (${kind})`, () => {
    assert.equal(refusal({ from, specifier, kind }), undefined);
  });
}

const refused: [from: string, specifier: string, why: RegExp, kind?: Import['kind']][] = [
  [server('platform/log/log.ts'), '../../identity/index.ts', /platform must not import identity/],
  [server('platform/log/log.ts'), '../../config.ts', /platform must not import \./],
  [server('platform/log/log.ts'), '../../data-plane/gateway-plan.ts', /platform must not import \./],
  [server('data-plane/gateway-plan.ts'), '../identity/users.ts', /through its index\.ts only/],
  [server('ca/index.ts'), '../identity/index.ts', /ca must not import identity/],
  [server('identity/index.ts'), '../oauth/index.ts', /identity must not import oauth/],
  [server('acme/order.ts'), '../oauth/index.ts', /acme must not import oauth/],
  [server('authz/policy.ts'), '../gateway/index.ts', /authz must not import gateway/],
  [server('gateway/server.ts'), '../server.ts', /gateway must not import \./],
  [server('gateway/server.ts'), '../config.ts', /gateway must not import \./, 'type'],
  [server('gateway/server.ts'), '../identity/authenticator.ts', /through its index\.ts only/],
  [server('acme/order.ts'), '../ca/store.ts', /through its index\.ts only/, 'type'],
  [server('server.ts'), './identity/users.ts', /through its index\.ts only/],
  [server('server.ts'), './gateway/worker.ts', /through its index\.ts only/, 'lazy'],
  [server('server.ts'), './audit/index.ts', /no capability imports audit/],
  [server('gateway/facts.ts'), '../audit/index.ts', /no capability imports audit/, 'type'],
  [server('identity/users.ts'), '../audit/index.ts', /no capability imports audit/],
  [server('capabilities.ts'), './audit/chain.ts', /through its index\.ts only/],
  [server('server.ts'), './scim/index.ts', /scim is in no layer/],
  [server('scim/index.ts'), '../platform/log/log.ts', /must not import platform/],
  [server('platform/log/log.ts'), '@gatehouse/samples', /only the server root may import/],
  [server('server.ts'), '@gatehouse/client', /server must not import client/],
  [server('server.ts'), '@gatehouse/gatehouse', /server must not import cli/],
  [server('ca/index.ts'), '@gatehouse/x509/src/der/read.ts', /reaches into another package/],
  [server('ca/index.ts'), '../../../x509/src/index.ts', /is in another package/],
  ['packages/access/src/clock.ts', '@gatehouse/server', /access must not import server/, 'type'],
  ['packages/access/src/clock.ts', '@gatehouse/dataplane', /access must not import dataplane/],
  ['packages/access/src/clock.ts', '@gatehouse/x509', /must import @gatehouse\/x509\/reading/],
  ['packages/access/src/errors/errors.ts', 'zod', /access must not load zod/],
  ['packages/access/src/errors/errors.ts', 'node:http', /access must not load node:http/, 'type'],
  ['packages/dataplane/src/main.ts', '@gatehouse/server', /dataplane must not import server/],
  ['packages/dataplane/src/main.ts', 'node:http', /dataplane must not load node:http/],
  ['packages/dataplane/src/main.ts', 'undici', /dataplane must not load undici/, 'lazy'],
  ['packages/protocol/src/fernet.ts', '@gatehouse/x509', /protocol must not import x509/],
  ['packages/x509/src/pem.ts', '@gatehouse/protocol', /x509 must not import protocol/],
  ['packages/client/src/client.ts', '@gatehouse/x509', /client must not import x509/],
  ['packages/client/src/client.ts', '@gatehouse/server', /client must not import server/, 'type'],
  ['packages/samples/src/index.ts', '@gatehouse/server', /samples must not import server/],
  [
    'packages/cli/src/main.ts',
    '@gatehouse/server',
    /only `up`, `backup`, `restore`, `config check`, `doctor` and `policy format` may load/,
  ],
  [
    'packages/cli/src/commands/status.ts',
    '@gatehouse/server',
    /only `up`, `backup`, `restore`, `config check`, `doctor` and `policy format` may load/,
    'lazy',
  ],
  [
    UP,
    '@gatehouse/server',
    /only `up`, `backup`, `restore`, `config check`, `doctor` and `policy format` may load/,
  ],
  ['packages/cli/src/main.ts', '@gatehouse/samples', /cli must not import samples/],
];

for (const [from, specifier, why, kind = 'static'] of refused) {
  test(`refuses ${from} to import ${specifier} (${kind})`, () => {
    assert.match(refusal({ from, specifier, kind }) ?? 'allowed', why);
  });
}
