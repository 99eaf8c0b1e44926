// The head of the ledger at an address: nginx with its DAV module, as in a real installation
// (docs/wire/witness.md).
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import type { Bench } from '../support/backup-bench.ts';
import { createBench, idOf } from '../support/backup-bench.ts';
import { eventually } from '../support/conditions.ts';
import { startNginx } from '../support/nginx.ts';
import { freePorts } from '../support/ports.ts';
import { without } from '../support/programs.ts';
import { createTestAuthority } from '../support/test-authority.ts';

const skip = without('nginx', '-v');

describe('the witness at an address', { skip, concurrency: 1 }, () => {
  it('notices that the whole data folder is an older copy, and a revoked key stays refused', async (t) => {
    const bench = await createBench(t);
    const store = await startStore(t, bench);
    const server = await bench.up(bench.data, { set: store.set });
    const key = await server.key('user');
    await server.stop();
    cpSync(bench.data, bench.file('older'), { recursive: true });

    const next = await bench.up(bench.data, { set: store.set });
    await next.command(['key', 'revoke', idOf(key)]);
    const { ledger } = await next.json<{ ledger: { entries: number } }>('status');
    await eventually('the head at the address', () => store.head().seq >= ledger.entries);
    const stored = bench.file('stored-head.json');
    writeFileSync(stored, JSON.stringify(store.head()));
    const verified = await next.command(['audit', 'verify', '--witness', stored]);
    assert.match(verified.stdout, /the ledger has the head at entry \d+ \(signed \d{4}-/);
    await next.stop();

    rmSync(bench.data, { recursive: true });
    cpSync(bench.file('older'), bench.data, { recursive: true });
    await assert.rejects(
      bench.up(bench.data, { set: store.set }),
      /may be an older copy: the ledger ends at entry \d+, but its witness has entry \d+ \(https:.*--accept-rollback/,
    );
    const accepted = await bench.up(bench.data, { set: store.set, acceptRollback: true });
    const types = (await accepted.json<{ type: string }[]>('audit', 'tail')).map(({ type }) => type);
    assert.ok(types.includes('audit.rollback_accepted'));
    await accepted.stop();

    await store.stop();
    await assert.rejects(
      bench.up(bench.data, { set: [...store.set, 'audit.witnessAddress.required=true'] }),
      /The witness at https:\S+ cannot be read: nothing listens there\. Check/,
    );
    const alone = await bench.up(bench.data, { set: store.set });
    const status = await alone.json<{ ledger: { witnessAddress: object } }>('status');
    assert.deepEqual(status.ledger.witnessAddress, { url: store.url, entries: null, problem: null });
  });
});

/** nginx that stores one file behind a bearer token. */
async function startStore(t: TestContext, bench: Bench) {
  const folder = bench.file('store');
  mkdirSync(folder);
  const { root, issue } = createTestAuthority();
  const { cert, key } = issue();
  const files = { 'root.pem': root, 'cert.pem': cert, 'key.pem': key, token: 'a-long-secret\n' };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const [port = 0] = await freePorts(1);
  const nginx = await startNginx({
    folder,
    port,
    certificate: join(folder, 'cert.pem'),
    key: join(folder, 'key.pem'),
    location: `if ($http_authorization != "Bearer a-long-secret") { return 401; }
      root ${folder}; dav_methods PUT; create_full_put_path on;`,
  });
  t.after(nginx.stop);
  const url = `https://localhost:${port}/gatehouse/head.json`;
  const file = join(folder, 'gatehouse', 'head.json');
  const settings = { url, tokenFile: join(folder, 'token'), trust: join(folder, 'root.pem') };
  return {
    url,
    stop: nginx.stop,
    set: Object.entries(settings).map(([name, value]) => `audit.witnessAddress.${name}=${value}`),
    head: (): { seq: number } => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { seq: 0 }),
  };
}
