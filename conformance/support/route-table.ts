// The routes of all capabilities, also those that the OpenAPI document does not have: pages, and the
// endpoints of OAuth. They are read from the source, with a separate data folder.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capabilityList, migrations } from '../../packages/server/src/capabilities.ts';
import { openFoundation } from '../../packages/server/src/foundation.ts';
import type { Capability } from '../../packages/server/src/platform/capability.ts';
import type { Route } from '../../packages/server/src/platform/http/route.ts';
import { createLog } from '../../packages/server/src/platform/log/log.ts';
import { loadConfig } from '../../packages/server/src/settings/load-config.ts';

const URLS = {
  gateway: 'https://localhost:8443',
  control: 'https://localhost:9443',
  pki: 'http://localhost:9080',
};

/** `set`: settings, as for the command line. */
export async function routesOf(set: readonly string[]): Promise<Route[]> {
  const data = mkdtempSync(join(tmpdir(), 'gatehouse-routes-'));
  try {
    await using stack = new AsyncDisposableStack();
    const { config } = await loadConfig({ set, environment: {} });
    const log = createLog('error');
    const foundation = await openFoundation({ data, masterKeyFile: undefined, log, migrations }, stack);
    const deps = {
      ...foundation,
      claims: { run: 0, isInDoubt: () => false },
      urls: URLS,
      adminRequirement: undefined,
      controlPort: 9443,
      gatewayPort: 8443,
      listenerNames: [],
      acceptRollback: false,
      environment: {},
    };
    const capabilities = await capabilityList.open(deps, config, stack);
    return Object.values<Capability>(capabilities).flatMap(({ routes = [] }) => routes);
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}
