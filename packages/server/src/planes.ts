// Starts the data plane and the control plane.
import { answerKeysRoute, openAnswerKeys } from './answer-keys.ts';
import { assertionKeysRoute, openAssertionKeys } from './assertion-keys.ts';
import { permissionsOf } from './authz/index.ts';
import { backupRoute } from './backup/index.ts';
import type { Capabilities } from './capabilities.ts';
import { configurationRoutes } from './configuration-routes.ts';
import type { ConfigurationStart } from './configuration-state.ts';
import { startControlPlane } from './control-plane.ts';
import { controlWaysIn } from './control-ways-in.ts';
import type { Foundation } from './foundation.ts';
import type { Supervisor } from './gateway/index.ts';
import { startPlainHttp } from './gateway-certificates.ts';
import type { GatewayPlan } from './gateway-plan.ts';
import { servedPlaces } from './gateway-plan.ts';
import { startConfiguredGateway } from './gateway-start.ts';
import { createHandshakeLog } from './handshake-log.ts';
import { handshakeRoutes } from './handshake-routes.ts';
import { openLedgerKeys } from './ledger-keys.ts';
import { createMonitoring } from './monitoring/index.ts';
import type { OnceOnly } from './once-only.ts';
import type { Places } from './places.ts';
import type { Capability } from './platform/capability.ts';
import type { HttpsListener, Listener } from './platform/control-server.ts';
import { DATABASE_FILE } from './platform/database.ts';
import { readyFacts } from './ready.ts';
import { statusRoute } from './status.ts';
import { stopServing } from './stop-serving.ts';
import { VERSION } from './version.ts';

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
