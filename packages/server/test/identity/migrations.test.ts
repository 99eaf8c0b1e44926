// Upgrades of the rows of older versions.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { createAudit } from '../../src/audit/index.ts';
import { migrations } from '../../src/capabilities.ts';
import { createKeys } from '../../src/identity/keys/keys.ts';
import { createServices } from '../../src/identity/services/services.ts';
import { createIdentityStore } from '../../src/identity/store/store.ts';
import { createEvents } from '../../src/platform/feed/events.ts';
import { openDatabase } from '../../src/platform/store/database.ts';
import { migrate } from '../../src/platform/store/migrations.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const KEYS_OF_SERVICES = 'identity/0005-keys-of-services';

test('each key of a version without services for keys becomes a service with its roles', async (t) => {
  const path = join(temporaryFolder(t), 'test.db');
  const clock = createFakeClock();
  const before = openDatabase(path);
  await migrate(
    before,
    migrations.slice(
      0,
      migrations.findIndex(({ name }) => name === KEYS_OF_SERVICES),
    ),
    clock,
  );
  await before.close();
  const old = new DatabaseSync(path);
  old.exec(`INSERT INTO api_keys (id, name, secret_hash, roles, created_at, expires_at, last_used_at)
    VALUES ('k1', 'robot', 'hash', '["backup"]', 1000, NULL, 2000)`);
  old.exec("INSERT INTO principal_names (folded) VALUES ('robot')");
  old.close();

  const database = openDatabase(path);
  t.after(() => database.close());
  await migrate(database, migrations, clock);
  createAudit({ database, clock, headKey: randomBytes(32) });
  const store = createIdentityStore(database);
  const deps = { database, store, events: createEvents(), clock };
  const services = createServices(deps);
  const { service, keys } = await services.show('robot');
  assert.deepEqual(service, {
    name: 'robot',
    roles: ['backup'],
    createdAt: 1000,
    attributes: {},
    disabled: false,
  });
  const kept = {
    id: 'k1',
    name: 'robot',
    secretHash: 'hash',
    publicKey: null,
    roles: ['backup'],
    createdAt: 1000,
    lastUsedAt: 2000,
  };
  const added = { scopes: [], addresses: [], expiresAt: null, revokedAt: null, disabled: false };
  assert.deepEqual(keys, [{ ...kept, ...added }]);
  const actor = { kind: 'operator', name: 'local', address: 'socket' } as const;
  const second = await createKeys({ ...deps, services }).create({ name: 'robot' }, actor);
  assert.deepEqual(second.roles, ['backup']);
});
