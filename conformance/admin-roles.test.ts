// The built-in roles on every operation of the admin API. A role without the permission is refused before any
// other check. So no operation that changes something runs here.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { ask } from './support/https-client.ts';
import { startRecorder } from './support/recorder.ts';
import { startServer } from './support/server-under-test.ts';

interface Operation {
  method: string;
  path: string;
  permission: string;
}

/** The operations with which an operator may change something. None of them gives more rights to anyone. */
const OPERATOR_CHANGES = [
  /^acme:/,
  /^audit:Verify$/,
  /^authz:ExplainDecisions$/,
  /^ca:(?:RevokeCertificate|RotateIntermediate)$/,
  /^identity:(?:EndSession|RevokeKey)$/,
  /^keyring:Rotate$/,
  /^server:ReloadConfiguration$/,
];
const AUDITOR_CHANGES = [/^audit:Verify$/, /^authz:ExplainDecisions$/];
/** An answer that does not end. */
const STREAM = '/admin/tls/handshakes/stream';

describe('the built-in roles', async () => {
  const upstream = await startRecorder();
  const server = await startServer({ upstream: upstream.origin });
  after(() => Promise.all([server.stop(), upstream.close()]));
  const operations = await operationsOf();

  async function operationsOf(): Promise<Operation[]> {
    const { json } = await ask({ ...server, port: server.controlPort, path: '/api/openapi.json' });
    const { paths } = json() as { paths: Record<string, Record<string, { 'x-permission'?: string }>> };
    return Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { 'x-permission': permission }]) =>
        permission === undefined || permission.startsWith('account:')
          ? []
          : [{ method: method.toUpperCase(), path, permission }],
      ),
    );
  }

  const keyOf = async (role: string) => (await server.createKey([role])).key;

  async function statusOf(key: string, { method, path }: Operation): Promise<number> {
    const filled = path.replaceAll(/\{[^}]+\}/g, 'none');
    const headers = { 'x-api-key': key };
    return (await ask({ ...server, port: server.controlPort, method, path: filled, headers })).status;
  }

  const reads = ({ permission }: Operation) =>
    operations.every((each) => each.permission !== permission || each.method === 'GET');
  const isOneOf = (patterns: readonly RegExp[], { permission }: Operation) =>
    patterns.some((pattern) => pattern.test(permission));

  it('are about many operations', () => {
    assert.ok(operations.length > 70, String(operations.length));
    assert.ok(operations.filter(reads).length > 20);
  });

  for (const [role, changes] of [
    ['operator', OPERATOR_CHANGES],
    ['auditor', AUDITOR_CHANGES],
  ] as const) {
    it(`${role} reads everything, and may change only what its role allows`, async () => {
      const key = await keyOf(role);
      const refused = operations.filter((each) => !reads(each) && !isOneOf(changes, each));
      for (const each of refused) assert.equal(await statusOf(key, each), 403, `${each.method} ${each.path}`);
      for (const each of operations.filter(reads).filter(({ path }) => path !== STREAM))
        assert.ok(![401, 403].includes(await statusOf(key, each)), `GET ${each.path}`);
    });
  }

  it('user, and a role that no policy names, may do none of this', async () => {
    for (const key of [await keyOf('user'), await keyOf('visitor')])
      for (const each of operations)
        assert.equal(await statusOf(key, each), 403, `${each.method} ${each.path}`);
  });

  it('metrics may read only the metrics', async () => {
    const key = await keyOf('metrics');
    for (const each of operations) {
      const status = await statusOf(key, each);
      assert.equal(status === 403, each.permission !== 'server:ReadMetrics', `${each.method} ${each.path}`);
    }
  });
});
