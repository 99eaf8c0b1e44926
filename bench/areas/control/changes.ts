// One round of changes: keys, users, certificates and policies. Each kind is a separate batch with its own
// processor time. A round removes everything that it creates.
import { argon2, randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { cpuSecondsOf } from '../../harness/process-usage.ts';
import { spreadOf } from '../../harness/statistics.ts';
import type { AdminSocket } from './admin-socket.ts';
import { createAdminSocket } from './admin-socket.ts';
import type { StartedBuild } from './build.ts';

export const CHANGES = [
  'API key created',
  'API key revoked',
  'user created',
  'password hash',
  'user removed',
  'certificate revoked',
  'one of 20 policies changed',
] as const;

/** Creating a user includes a password hash, which is measured separately, in this process. */
export type Change = (typeof CHANGES)[number];

export interface Cost {
  /** Processor time of all processes together, for each change. */
  cpuMs: number;
  /** From the request to its answer, the median of the batch. */
  answerMs: number;
}

/** A build without policies has no cost for their change. */
export type Costs = Record<Change, Cost | undefined>;

// Linux counts processor time in hundredths of a second: a batch of a hundred is exact to a tenth of a
// millisecond for each.
const MOST = 100;
const LEAST = 3;
// Processor time after the answer is a part of the cost.
const SETTLE_MS = 50;
const HASHES = 20;
// Hashes a password like Gatehouse.
const HASH_PARAMETERS = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 };
const SERVICE = 'measured-service';
const POLICIES = 20;

export interface ChangesOptions {
  /** A batch ends after this time, or after a hundred changes. */
  seconds: number;
  signal: AbortSignal;
}

export async function measureChanges(server: StartedBuild, options: ChangesOptions): Promise<Costs> {
  const admin = createAdminSocket(server.socket);
  try {
    return await measureAll(server, admin, options);
  } finally {
    admin.close();
  }
}

async function measureAll(server: StartedBuild, admin: AdminSocket, options: ChangesOptions): Promise<Costs> {
  const batch: MeasureBatch = (items, change) => measureBatch(server, { ...options, items, change });
  const ids: string[] = [];
  const names: string[] = [];

  const keyCreated = await batch(namesFrom('key'), async (name) => {
    ids.push((await admin.createKey(name)).id);
  });
  const keyRevoked = await batch(ids, admin.revokeKey);
  const userCreated = await batch(namesFrom('user'), async (name) => {
    await admin.createUser(name);
    names.push(name);
  });
  const passwordHash = await measureHash();
  const userRemoved = await batch(names, admin.removeUser);
  const serials: string[] = [];
  while (serials.length < ids.length) serials.push(await admin.issueCertificate(SERVICE));
  const certificateRevoked = await batch(serials, admin.revokeCertificate);
  for (const id of ids.slice(keyRevoked.count)) await admin.revokeKey(id);
  for (const name of names.slice(userRemoved.count)) await admin.removeUser(name);

  return {
    'API key created': keyCreated.cost,
    'API key revoked': keyRevoked.cost,
    'user created': userCreated.cost,
    'password hash': passwordHash,
    'user removed': userRemoved.cost,
    'certificate revoked': certificateRevoked.cost,
    'one of 20 policies changed': (await admin.hasPolicies())
      ? await measurePolicies(admin, batch)
      : undefined,
  };
}

type MeasureBatch = <T>(
  items: Iterable<T>,
  change: (item: T) => Promise<void>,
) => Promise<{ count: number; cost: Cost }>;

// The first policies replace the rule that admits every caller, so one of them admits them again.
async function measurePolicies(admin: AdminSocket, batch: MeasureBatch): Promise<Cost> {
  const others = Array.from({ length: POLICIES - 2 }, (_, index) => policy(`other-${index}`));
  const unchanged = ['permit (principal, action, resource);', ...others].join('\n');
  const change = (place: string) => admin.applyPolicies(`${unchanged}\n${policy(place)}`);
  return (await batch(namesFrom('place'), change)).cost;
}

function policy(place: string): string {
  return `forbid (principal, action, resource) when { context.path like "/${place}/*" };`;
}

async function measureHash(): Promise<Cost> {
  const message = Buffer.from('correct horse battery staple');
  const answersMs: number[] = [];
  const before = process.cpuUsage();
  for (let index = 0; index < HASHES; index += 1) {
    const start = performance.now();
    await promisify(argon2)('argon2id', { message, nonce: randomBytes(16), ...HASH_PARAMETERS });
    answersMs.push(performance.now() - start);
  }
  const { user, system } = process.cpuUsage(before);
  return { cpuMs: (user + system) / 1000 / HASHES, answerMs: spreadOf(answersMs).median };
}

function* namesFrom(kind: string): Generator<string> {
  for (let index = 0; ; index += 1) yield `measured-${kind}-${index}`;
}

interface Batch<T> extends ChangesOptions {
  items: Iterable<T>;
  change(item: T): Promise<void>;
}

async function measureBatch<T>({ program }: StartedBuild, { items, seconds, signal, change }: Batch<T>) {
  const answersMs: number[] = [];
  const cpuBefore = cpuSecondsOf(program.pid);
  const end = performance.now() + seconds * 1000;
  for (const item of items) {
    signal.throwIfAborted();
    const start = performance.now();
    await change(item);
    answersMs.push(performance.now() - start);
    const count = answersMs.length;
    if (count === MOST || (count >= LEAST && performance.now() > end)) break;
  }
  await delay(SETTLE_MS);
  program.assertRunning();
  const cpuMs = ((cpuSecondsOf(program.pid) - cpuBefore) * 1000) / answersMs.length;
  return { count: answersMs.length, cost: { cpuMs, answerMs: spreadOf(answersMs).median } };
}
