// Starts the data plane and the control plane.

import { permissionsOf } from './authz/index.ts';
import { backupRoute } from './backup/index.ts';
import type { Capabilities } from './capabilities.ts';
import { startControlPlane } from './control-plane/control-plane.ts';
import { statusRoute } from './control-plane/status.ts';
import { startPlainHttp } from './data-plane/gateway-certificates.ts';
import type { GatewayPlan } from './data-plane/gateway-plan.ts';
import { servedPlaces } from './data-plane/gateway-plan.ts';
import { startConfiguredGateway } from './data-plane/gateway-start.ts';
import type { Foundation } from './foundation.ts';
import type { Supervisor } from './gateway/index.ts';
import { answerKeysRoute, openAnswerKeys } from './key-sets/answer-keys.ts';
import { assertionKeysRoute, openAssertionKeys } from './key-sets/assertion-keys.ts';
import { openLedgerKeys } from './key-sets/ledger-keys.ts';
import { createHandshakeLog, createMonitoring, handshakeRoutes } from './monitoring/index.ts';
import type { Places } from './places.ts';
import type { Capability } from './platform/capability.ts';
import type { HttpsListener, Listener } from './platform/listening/control-server.ts';
import { DATABASE_FILE } from './platform/store/database.ts';
import { VERSION } from './platform/version.ts';
import { readyFacts } from './ready.ts';
import { configurationRoutes } from './settings/configuration-routes.ts';
import type { ConfigurationStart } from './settings/configuration-state.ts';
import { stopServing } from './stop-serving.ts';
import { controlWaysIn } from './ways-in/control-ways-in.ts';
import type { OnceOnly } from './ways-in/once-only.ts';

export interface PlaneDeps extends OnceOnly {
  start: ConfigurationStart;
  foundation: Foundation;
  capabilities: Capabilities;
  places: Places;
  /** The origin of the sample services, if they run. */
  samples: string | undefined;
}

/** Starts the data plane and the control plane, and connects both to the feed. */
export async function startPlanes(deps: PlaneDeps, stack: AsyncDisposableStack) {
  const { start, foundation, capabilities, places } = deps;
  const assertionKeys = await openAssertionKeys(capabilities);
  const answerKeys = await openAnswerKeys(capabilities);
  const ledgerKeys = await openLedgerKeys(capabilities, foundation.clock);
  const handshakes = createHandshakeLog();
  const databasePath = foundation.folder.file(DATABASE_FILE);
  const monitoring = createMonitoring({ ...foundation, databasePath, version: VERSION });
  const listeners: Listener[] = [];
  let running: Supervisor | undefined;
  stack.defer(() => stopServing({ gateway: running, listeners, monitoring }));

  const { gateway, configuration, plan, certificates } = await startConfiguredGateway(
    { ...deps, assertionKeys, answerKeys, handshakes, monitoring },
    start,
  );
  running = gateway;
  stack.defer(certificates.close);
  const plain = await startPlainHttp({
    ...deps,
    certificates,
    config: start.running,
    current: configuration.config,
  });
  if (plain) listeners.push(plain);
  const ready = () => readyFacts({ ...deps, folder: foundation.folder, configuration });
  const own = [
    assertionKeysRoute(assertionKeys),
    answerKeysRoute(answerKeys),
    ledgerKeys,
    ...handshakeRoutes(handshakes),
    ...configurationRoutes(configuration),
    statusRoute({ ...foundation, capabilities, gateway, certificates, ready }),
    backupRoute({ ...foundation, version: VERSION }),
    ...monitoring.routes({
      gateway,
      metrics: [...Object.values<Capability>(capabilities), certificates].flatMap(
        ({ metrics = [] }) => metrics,
      ),
      access: start.running.control.metrics,
    }),
  ];
  const routes = [...groupsOf(capabilities, 'routes'), { name: 'server', routes: own }];
  const permissions = permissionsOf(routes);
  capabilities.authz.setVocabulary(() => servedPlaces(plan()), permissions);
  await applyPolicyFolder(capabilities, plan());
  const control = await startControlPlane(
    {
      ...foundation,
      waysIn: controlWaysIn(deps),
      sessionPrincipal: capabilities.identity.sessionPrincipal,
      handshakes,
      monitoring,
    },
    {
      config: start.running,
      places,
      identity: capabilities.ca.listenerIdentity(),
      routes,
      policy: {
        applied: () => capabilities.authz.applied.current.compiled,
        roles: () => plan().roles,
        permissions,
      },
      publicRoutes: groupsOf(capabilities, 'publicRoutes'),
    },
    (listener) => listeners.push(listener),
  );
  presentChanges(control.https, deps);
  return { ready: ready(), gateway, configuration, socketPath: control.socketPath };
}

/** Throws `config_invalid`. */
async function applyPolicyFolder({ authz }: Capabilities, plan: GatewayPlan): Promise<void> {
  const apply = await authz.prepareFolder(plan.config.authz.policies, servedPlaces(plan));
  await apply();
}

function groupsOf(capabilities: Capabilities, kind: 'routes' | 'publicRoutes') {
  return Object.entries<Capability>(capabilities).map(([name, capability]) => ({
    name,
    routes: capability[kind] ?? [],
  }));
}

/**
 * Presents the current certificate on the control listener: now, because it may have changed during the
 * start, and after each change.
 */
function presentChanges(https: HttpsListener, { foundation, capabilities }: PlaneDeps): void {
  const present = () => https.present(capabilities.ca.listenerIdentity());
  foundation.feed.subscribe({
    async apply(changes) {
      if (changes.some(({ section }) => section === 'tls')) present();
    },
  });
  present();
}
