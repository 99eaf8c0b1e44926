// The certificate authority of the server on a store of the test, and requests for it.
import type { Owner } from '@gatehouse/access';
import type { PrivateKeyType } from '@gatehouse/x509';
import {
  createRequest,
  generatePrivateKey,
  parseSubjectName,
  readRequest,
  signerFromKey,
} from '@gatehouse/x509';
import type { Ca, CaSettings, Certificate, SigningOrder } from '../../src/ca/index.ts';
import { createCa } from '../../src/ca/index.ts';
import { configSchema } from '../../src/config.ts';
import { follow } from '../../src/platform/capability.ts';
import type { Route } from '../../src/platform/http/route.ts';
import type { Job } from '../../src/platform/jobs/jobs.ts';
import { createCheckedApp } from './app.ts';
import { fetchFrom } from './incoming.ts';
import type { MemoryLog } from './memory-log.ts';
import { createMemoryLog } from './memory-log.ts';
import type { TestStore } from './store.ts';

export const PKI_URL = 'http://pki.example.com';

/** Every name is an active service, except names that begin with `gone`. */
const owners = {
  resolve: async (_tx: unknown, name: string): Promise<Owner> => ({ kind: 'service', name }),
  isActive: async (_connection: unknown, { name }: Owner) => !name.startsWith('gone'),
};

/** `present` is called when the listeners present another certificate. */
export async function openCa(
  store: TestStore,
  settings: Partial<CaSettings> = {},
  present = async () => {},
  {
    log,
    writeRoots = () => {},
    listenerNames = [],
  }: { log?: MemoryLog; writeRoots?: (pem: string) => void; listenerNames?: string[] } = {},
): Promise<Ca> {
  const ca = await createCa(
    {
      ...store,
      log: (log ?? createMemoryLog()).log,
      owners,
      roleWarnings: () => [],
      urls: { pki: PKI_URL, acmeDirectory: 'https://ca.example.com/acme/directory' },
      writeRoots,
      listenerNames,
    },
    { ...configSchema.parse({}).ca, name: 'Example', ...settings },
  );
  await follow(ca, store.feed);
  store.feed.subscribe({
    async apply(changes) {
      if (changes.some(({ section }) => section === 'tls')) await present();
    },
  });
  return ca;
}

/** The job that renews certificates, lists and the intermediate. */
export function renewal(ca: Ca): Job {
  const [job] = ca.jobs;
  if (!job) throw new TypeError('the authority has no jobs');
  return job;
}

export const OPERATOR = { kind: 'operator', name: 'local' } as const;

/** A certificate of profile `server`, unless `order` says otherwise. */
export function issue(
  ca: Ca,
  names: readonly string[],
  order: Partial<Omit<SigningOrder, 'request'>> = {},
): Promise<Certificate> {
  const { request } = requestFor(names);
  const { profile = 'server', ...rest } = order;
  return ca.certificates.issue({ profile, request, source: 'admin', ...rest }, OPERATOR);
}

/** Calls one of the public routes like an HTTP client. */
export function fetchPublic(ca: Ca, path: string, body?: Uint8Array): Promise<Response> {
  const init = body && {
    method: 'POST',
    body: new Uint8Array(body),
    headers: { 'content-type': 'application/ocsp-request' },
  };
  return fetchRoutes(ca.publicRoutes, path, init);
}

/** Calls the admin API as the local operator, or with a client certificate (DER) on the connection. */
export function fetchAdmin(
  ca: Ca,
  [method, path]: [method: string, path: string],
  body?: unknown,
  clientCertificate?: Uint8Array,
): Promise<Response> {
  const routes = clientCertificate
    ? ca.routes.map((route) => presenting(route, clientCertificate))
    : ca.routes;
  const init = { method, headers: { 'content-type': 'application/json' } };
  return fetchRoutes(routes, path, body === undefined ? init : { ...init, body: JSON.stringify(body) });
}

function presenting(route: Route, clientCertificate: Uint8Array): Route {
  return {
    ...route,
    handle: (call) => route.handle({ ...call, clientCertificate: () => clientCertificate }),
  };
}

async function fetchRoutes(routes: Route[], path: string, init: RequestInit | undefined): Promise<Response> {
  const app = createCheckedApp(routes);
  const request = new Request(`http://pki.example.com${path}`, init);
  return fetchFrom(app, request);
}

/** A request for these names, with a new key. */
export function requestFor(
  names: readonly string[],
  options: { keyType?: PrivateKeyType; subject?: string } = {},
) {
  const { keyType = 'P-256', subject } = options;
  const key = generatePrivateKey(keyType);
  const template = {
    subject: subject === undefined ? {} : { commonName: subject },
    subjectAltNames: names.map(parseSubjectName),
  };
  const { pem } = createRequest(template, signerFromKey(key));
  return { key, pem, request: readRequest(pem) };
}
