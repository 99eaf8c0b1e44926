// The certificate authority: root, intermediate, and the certificate of our own listeners.
import { readCertificate, spkiFingerprint } from '@gatehouse/x509';
import type { Route } from '../platform/http/route.ts';
import type { Job } from '../platform/jobs.ts';
import type { AuthoritiesDeps } from './authorities.ts';
import { openAuthorities } from './authorities.ts';
import type { ServerCertificate, ServerCertificateSettings } from './server-certificate.ts';
import { issueServerCertificate } from './server-certificate.ts';
import { createCaStore } from './store.ts';

export type { ServerCertificate } from './server-certificate.ts';
export { caMigrations } from './store.ts';

export interface CaSettings extends ServerCertificateSettings {
  /** The organisation in our certificates. */
  name: string;
}

export interface CaDeps extends Omit<AuthoritiesDeps, 'store'> {
  /** Resolves when every listener presents the new certificate. */
  changed(): Promise<void>;
}

export interface Ca {
  /** PEM. */
  root: string;
  /** `sha256/` and the base64 of the SHA-256 of the root's SPKI. */
  rootFingerprint: string;
  serverCertificate(): ServerCertificate;
  renewal: Job;
  /** What anyone may fetch over plain HTTP (RFC 5280 §8: these protect themselves). */
  publicRoutes: Route[];
}

const MAX_CHECK_INTERVAL_SECONDS = 60;

export async function createCa(deps: CaDeps, settings: CaSettings): Promise<Ca> {
  const { database, events, clock } = deps;
  const store = createCaStore(database);
  const authorities = await openAuthorities({ ...deps, store }, settings.name);
  const issue = () => issueServerCertificate({ database, store, events, clock, authorities }, settings);
  let current = await issue();
  let handedOut = true;
  return {
    root: authorities.root,
    rootFingerprint: spkiFingerprint(readCertificate(authorities.root)).pin,
    serverCertificate: () => current,
    renewal: {
      name: 'renew the server certificate',
      intervalSeconds: Math.min(MAX_CHECK_INTERVAL_SECONDS, settings.serverLifetime / 20),
      async run() {
        if (clock.now() >= current.renewAt) {
          current = await issue();
          handedOut = false;
        }
        if (handedOut) return;
        await deps.changed();
        handedOut = true;
      },
    },
    publicRoutes: [
      {
        method: 'GET',
        path: '/roots.pem',
        permission: 'public',
        handle: () =>
          new Response(authorities.root, { headers: { 'content-type': 'application/x-pem-file' } }),
      },
    ],
  };
}
