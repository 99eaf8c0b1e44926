// `gatehouse status`: what runs where, since when, and until when its certificate is valid.
import type { Capabilities } from './capabilities.ts';
import type { Supervisor } from './gateway/index.ts';
import type { Clock } from './platform/clock.ts';
import type { Route } from './platform/http/route.ts';
import { json } from './platform/http/route.ts';
import type { ReadyFacts } from './ready.ts';
import { VERSION } from './version.ts';

export interface StatusDeps {
  clock: Clock;
  capabilities: Capabilities;
  gateway: Supervisor;
  ready: ReadyFacts;
}

export function statusRoute({ clock, capabilities, gateway, ready }: StatusDeps): Route {
  // The clock may be set meanwhile: what it says of the start follows from how long that is ago.
  const startedMs = performance.now();
  return {
    method: 'GET',
    path: '/admin/status',
    permission: 'server:ReadStatus',
    async handle() {
      const uptimeMs = performance.now() - startedMs;
      const certificate = capabilities.ca.serverCertificate();
      const { users, keys } = await capabilities.identity.counts();
      return json({
        version: VERSION,
        startedAt: new Date(clock.now() - uptimeMs).toISOString(),
        uptimeSeconds: Math.floor(uptimeMs / 1000),
        ...ready,
        rootFingerprint: capabilities.ca.rootFingerprint(),
        workers: gateway.workers(),
        serverCertificate: {
          serialNumber: certificate.serialNumber,
          names: certificate.names,
          notAfter: certificate.notAfter.toISOString(),
        },
        users,
        keys,
      });
    },
  };
}
