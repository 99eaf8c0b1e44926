// Copies of the sections, for tests of code that uses them.
import { generateKeyPairSync } from 'node:crypto';
import type { Clock, GatewayRoute, RunningSettings, SectionCopies, SectionName } from '@gatehouse/access';
import {
  createSectionCopies,
  defaultPolicies,
  generateApiKey,
  hashSecret,
  packHash,
  SECTION_NAMES,
  systemClock,
} from '@gatehouse/access';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ISSUER = 'https://localhost:9443';
const robot = generateApiKey();

/** The API key of the principal `robot`, which has the role `user`. */
export const ROBOT = { id: robot.id, key: robot.text };

/** The entry of the section `settings`. */
export const RUNNING: RunningSettings = {
  logLevel: 'info',
  timeouts: { headers: 5, body: 5, idle: 5, connect: 2, firstByte: 5, stall: 5 },
  minBodyBytesPerSecond: 0,
  maxHeaderBytes: 16_384,
  maxHeaders: 100,
  maxConnections: 7,
  clientCertificates: 'request',
};

export type Contents = Partial<Record<SectionName, [key: string, value: unknown][]>>;

export interface TestSections {
  copies: SectionCopies;
  /** Changed like by a commit. */
  put(section: SectionName, key: string, value: unknown): void;
  remove(section: SectionName, key: string): void;
}

/** All sections: the routes, the key of the robot, and `contents`. */
export function sectionsWith(
  routes: readonly (Partial<GatewayRoute> & { path: string })[],
  contents: Contents = {},
  clock: Clock = systemClock,
): TestSections {
  const claims = { claim: async () => 'first' as const };
  const copies = createSectionCopies({ clock, claims });
  const versions = new Map<SectionName, number>();
  const all: Contents = { ...DEFAULTS, routes: routes.map(routeEntry), ...contents };
  for (const section of SECTION_NAMES) {
    copies.fill({ section, version: 0, entries: all[section] ?? [], isFirst: true, isLast: true });
  }
  function advance(section: SectionName, change: { put?: [string, unknown][]; remove?: string[] }): void {
    const version = (versions.get(section) ?? 0) + 1;
    versions.set(section, version);
    copies.advance([{ seq: version, section, version, put: [], remove: [], ...change }]);
  }
  return {
    copies,
    put: (section, key, value) => advance(section, { put: [[key, value]] }),
    remove: (section, key) => advance(section, { remove: [key] }),
  };
}

function routeEntry(route: Partial<GatewayRoute> & { path: string }, index: number): [string, GatewayRoute] {
  const id = `${index + 1}:${route.path}`;
  const whole: GatewayRoute = {
    id,
    policyName: route.path,
    position: index,
    host: undefined,
    methods: undefined,
    upstream: 'http://127.0.0.1:3000',
    access: 'public',
    accept: ['bearer', 'apiKey'],
    maxBodyBytes: 1e6,
    ...route,
  };
  return [id, whole];
}

const DEFAULTS: Contents = {
  policies: [...defaultPolicies()],
  settings: [['default', RUNNING]],
  keys: [
    [
      robot.id,
      { name: 'robot', roles: ['user'], secretHash: packHash(hashSecret(robot.secret)), expiresAt: null },
    ],
  ],
  trust: [
    ['digest', { run: 0, nonceKey: new Uint8Array(32), md5: false }],
    ['dpop', { nonceKeys: [new Uint8Array(32)], requireNonce: false, notBefore: 0, run: 0 }],
    ['signatures', { maxAgeSeconds: 60, notBefore: 0, nonceKey: new Uint8Array(32), run: 0 }],
    ['answers', { privateKey: '', kid: 'test', keySet: '{"keys":[]}' }],
    ['tokens', { jwks: { keys: [] }, issuer: ISSUER, audience: 'https://localhost:8443' }],
    [
      'assertion',
      {
        privateKey: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
        kid: 'test',
        issuer: ISSUER,
      },
    ],
  ],
};
