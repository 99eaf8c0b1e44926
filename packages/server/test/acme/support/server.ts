// The ACME server of the program, except for its authority and identity. Tests reach it through the control
// plane's application.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Acme, AcmeDeps, AcmeSettings } from '../../../src/acme/index.ts';
import { createAcme } from '../../../src/acme/index.ts';
import { follow } from '../../../src/platform/capability.ts';
import { appDeps, createCheckedApp } from '../../support/app.ts';
import { fetchFrom } from '../../support/incoming.ts';
import type { MemoryLog } from '../../support/memory-log.ts';
import { createMemoryLog } from '../../support/memory-log.ts';
import type { TestStore } from '../../support/store.ts';
import { createStore } from '../../support/store.ts';
import type { TestIssuer } from './issuer.ts';
import { createTestIssuer } from './issuer.ts';

export const ORIGIN = 'https://localhost:9443';

export const SETTINGS: AcmeSettings = {
  networks: ['127.0.0.0/8', '::1/128', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
  names: [],
  httpPort: 80,
  tlsPort: 443,
  resolver: undefined,
  requireEab: false,
  profile: 'server',
  maxLifetime: 30 * 86_400,
  ownNames: [],
  accountsPerHour: 360,
  pendingAuthorizations: 2000,
};

/** Members of the objects that the server sends. Each test knows which of them it reads. */
export interface AcmeBody {
  type: string;
  detail: string;
  status: string | number;
  subproblems: { type: string; detail: string; identifier: { type: string; value: string } }[];
  algorithms: string[];
  contact: string[];
  orders: string[];
  expires: string;
  identifier: { type: string; value: string };
  identifiers: { type: string; value: string }[];
  wildcard: boolean;
  authorizations: string[];
  finalize: string;
  certificate: string;
  replaces: string;
  notBefore: string;
  notAfter: string;
  challenges: { type: string; url: string; status: string; token: string; error?: AcmeBody }[];
  token: string;
  url: string;
  validated: string;
  error: { type: string; detail: string };
  suggestedWindow: { start: string; end: string };
}

export interface AcmeAnswer {
  status: number;
  headers: Headers;
  text: string;
  /** The JSON; its members are undefined if there is no JSON. */
  body: AcmeBody;
  json: Record<string, unknown>;
}

export interface TestAcme {
  acme: Acme;
  store: TestStore;
  issuer: TestIssuer;
  log: MemoryLog;
  /** Owners that were removed or disabled. */
  inactive: Set<string>;
  /**
   * Owners that were removed or disabled after the request was authenticated. Only the transaction notices
   * it.
   */
  leaving: Set<string>;
  send(
    method: string,
    url: string,
    init?: { headers?: Record<string, string>; body?: string | Uint8Array },
    /** The client's address; default: 192.0.2.7. */
    address?: string,
  ): Promise<AcmeAnswer>;
}

/**
 * `settings` replaces some settings. With `store` and `issuer` of an earlier server, this is its next
 * process, perhaps under another `url`.
 */
export async function startAcme(
  t: TestContext,
  settings: Partial<AcmeSettings> = {},
  earlier: Partial<Pick<TestAcme, 'store' | 'issuer'> & Pick<AcmeDeps, 'url'>> = {},
): Promise<TestAcme> {
  const store = earlier.store ?? (await createStore(t));
  const issuer = earlier.issuer ?? createTestIssuer(store.clock);
  const log = createMemoryLog();
  const inactive = new Set<string>();
  const leaving = new Set<string>();
  const owners: AcmeDeps['owners'] = {
    resolve: async (_tx, name) => ({ kind: name.startsWith('user-') ? 'user' : 'service', name }),
    isActive: async (connection, { name }) =>
      !inactive.has(name) && !(connection !== store.database.read && leaving.has(name)),
  };
  const acme = createAcme(
    {
      ...store,
      log: log.log,
      certificates: issuer.certificates,
      owners,
      url: earlier.url ?? ORIGIN,
      port: 9443,
    },
    { ...SETTINGS, ...settings },
  );
  await follow(acme, store.feed);
  t.after(() => acme.close());
  const app = createCheckedApp(acme.routes, appDeps(log.log));
  return {
    acme,
    store,
    issuer,
    log,
    inactive,
    leaving,
    async send(method, url, init, address = '192.0.2.7') {
      const request = new Request(new URL(url, ORIGIN), { method, ...init } as RequestInit);
      const response = await fetchFrom(app, request, { remoteAddress: address });
      const text = await response.text();
      const json = text.startsWith('{') ? JSON.parse(text) : {};
      return { status: response.status, headers: response.headers, text, json, body: json as AcmeBody };
    },
  };
}

/** Asserts that the answer is a problem document of this type (RFC 8555 §6.7). */
export function assertProblem(answer: AcmeAnswer, type: string, status: number, detail = /./): void {
  assert.equal(answer.body.type, `urn:ietf:params:acme:error:${type}`, answer.text);
  assert.equal(answer.status, status);
  assert.equal(answer.body.status, status);
  assert.equal(answer.headers.get('content-type'), 'application/problem+json');
  assert.match(answer.body.detail, detail);
}
