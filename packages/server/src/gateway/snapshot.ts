// Everything that a worker decides by, as one immutable piece of plain data. The control plane replaces it whole, so no
// request ever sees half a change; a worker compiles it once and then asks nobody.
import type { Policy, PolicySource } from '../authz/index.ts';
import { compilePolicy } from '../authz/index.ts';
import type { Authenticator, IdentitySnapshot } from '../identity/worker.ts';
import { createAuthenticator } from '../identity/worker.ts';
import type { Clock } from '../platform/clock.ts';
import type { ServerIdentity } from '../platform/tls.ts';
import type { AssertionSigner, AssertionSource } from './assertion.ts';
import { createAssertionSigner } from './assertion.ts';
import type { CertificateAuthenticator, ClientTrust } from './client-certificates.ts';
import { createCertificateAuthenticator } from './client-certificates.ts';
import type { Route, RouteTable } from './route-table.ts';
import { createRouteTable } from './route-table.ts';

export interface GatewaySnapshot {
  /** Rises with every change. */
  version: number;
  identity: IdentitySnapshot;
  policy: PolicySource;
  routes: Route[];
  assertion: AssertionSource;
  tls: ServerIdentity;
  clients: ClientTrust;
}

export interface CompiledSnapshot {
  authenticator: Authenticator;
  certificates: CertificateAuthenticator;
  policy: Policy;
  routes: RouteTable;
  assertions: AssertionSigner;
}

export function compileSnapshot(snapshot: GatewaySnapshot, clock: Clock): CompiledSnapshot {
  const authenticator = createAuthenticator(snapshot.identity, clock);
  return {
    authenticator,
    certificates: createCertificateAuthenticator(snapshot.clients, { authenticator, clock }),
    policy: compilePolicy(snapshot.policy),
    routes: createRouteTable(snapshot.routes),
    assertions: createAssertionSigner(snapshot.assertion, clock),
  };
}
