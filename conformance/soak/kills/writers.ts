// Writers that create and remove keys, users, services, certificates, ACME accounts, OAuth clients and
// members of groups, and change the policies. They work in parallel until they are halted or the server is
// gone. The world records each change with the meaning of its answer.
import { createRequest, encodePrivateKey, generatePrivateKey, signerFromKey } from '@gatehouse/x509';
import { createAcmeClient } from '../../support/acme-client.ts';
import { operate } from '../../support/certificates.ts';
import type { ChallengeServer } from '../../support/challenge-server.ts';
import type { Up } from '../../support/gatehouse-command.ts';
import { signIn } from '../../support/gatehouse-command.ts';
import { ask } from '../../support/https-client.ts';
import {
  changePolicies,
  createClient,
  createMember,
  joinGroup,
  leaveGroup,
  removeClient,
} from './access-writes.ts';
import { postToAccount } from './acme-post.ts';
import type { KnownKey, KnownOwner, Scene } from './world.ts';
import { newThing, nextName, PASSWORD, withOne, write } from './world.ts';

export interface Writers {
  /** Starts no new writes. Resolves when the running writes are answered. */
  halt(): Promise<void>;
  /** After this call, a failed connection ends a writer, but is no error. */
  expectKill(): void;
  /**
   * Resolves when all have ended. Rejects if a write was refused, or if a connection failed without a kill.
   */
  readonly ended: Promise<void>;
}

const WRITERS = 6;
const CONNECTION_FAILURES = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT'];
// ACME accounts need no answers to challenges.
const NO_CHALLENGES: ChallengeServer = {
  answers: new Map(),
  handle: undefined,
  requests: [],
  close() {},
};

type Act = (scene: Scene) => Promise<void>;

/** The frequency of each kind is its number of entries here. */
const ACTS: readonly Act[] = [
  ...Array<Act>(6).fill(createKey),
  ...Array<Act>(4).fill(revokeKey),
  ...Array<Act>(2).fill(createUser),
  removeUser,
  ...Array<Act>(4).fill(issueCertificate),
  ...Array<Act>(3).fill(revokeCertificate),
  removeService,
  registerAccount,
  deactivateAccount,
  ...Array<Act>(2).fill(createClient),
  removeClient,
  createMember,
  ...Array<Act>(3).fill(joinGroup),
  ...Array<Act>(2).fill(leaveGroup),
  ...Array<Act>(3).fill(changePolicies),
];

export function startWriters(scene: Scene): Writers {
  let isHalted = false;
  let isKilled = false;

  async function work(): Promise<void> {
    while (!isHalted) {
      const act = scene.random.pick(ACTS);
      try {
        await act(scene);
      } catch (error) {
        if (isKilled && isConnectionFailure(error)) return;
        throw new Error(`${act.name}: ${(error as Error).message}`, { cause: error });
      }
    }
  }

  const ended = Promise.all(Array.from({ length: WRITERS }, work)).then(() => {});
  // Awaited after the halt or the kill.
  ended.catch(() => {});
  return {
    ended,
    async halt() {
      isHalted = true;
      await ended;
    },
    expectKill() {
      isKilled = true;
    },
  };
}

function isConnectionFailure(error: unknown): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  return CONNECTION_FAILURES.includes(code);
}

async function createKey({ world, server }: Scene): Promise<void> {
  const name = nextName(world, 'key');
  const thing = newThing(world);
  const create = () => operate(server.data, 'POST /admin/keys', { name, roles: ['user'] });
  const { id, key } = await write(world, { things: [thing], becomes: 'in force' }, create);
  const known = { ...thing, id: String(id), text: String(key) };
  world.keys.push(known);
  await requireStatus(server, known, 200);
  known.isTaken = false;
}

function revokeKey({ world, server, random }: Scene): Promise<void> {
  return withOne(random, world.keys, async (key) => {
    await write(world, { things: [key], becomes: 'gone' }, () =>
      operate(server.data, `DELETE /admin/keys/${key.id}`),
    );
    await requireStatus(server, key, 401);
  });
}

/** An answered change must be in force on a new connection, with any worker. */
async function requireStatus({ port, ca }: Up, { id, text }: KnownKey, expected: number): Promise<void> {
  const { status } = await ask({ port, ca, path: '/', headers: { 'x-api-key': text } });
  if (status !== expected) throw new Error(`the key ${id} is answered ${status} instead of ${expected}`);
}

async function createUser({ world, server }: Scene): Promise<void> {
  const name = nextName(world, 'user');
  const user = { ...newThing(world), kind: 'user' as const, name, token: '', certificates: [] };
  world.owners.push(user);
  await write(world, { things: [user], becomes: 'in force' }, () =>
    operate(server.data, 'POST /admin/users', { name, password: PASSWORD, roles: ['user'] }),
  );
  user.token = await signIn(server, name, PASSWORD);
  user.isTaken = false;
}

function removeUser(scene: Scene): Promise<void> {
  return removeOwner(scene, 'user');
}

function removeService(scene: Scene): Promise<void> {
  return removeOwner(scene, 'service');
}

/** An owner loses the certificates with the name. */
function removeOwner({ world, server, random }: Scene, kind: 'user' | 'service'): Promise<void> {
  const owners = world.owners.filter((owner) => owner.kind === kind);
  return withOne(random, owners, async (owner) => {
    const certificates = owner.certificates.filter(({ standing }) => standing === 'in force');
    await write(world, { things: [owner, ...certificates], becomes: 'gone' }, () =>
      operate(server.data, `DELETE /admin/${kind}s/${owner.name}`),
    );
  });
}

/** For an existing user or service, or for a new service. */
async function issueCertificate({ world, server, random }: Scene): Promise<void> {
  if (random.below(2) === 0) {
    await withOne(random, world.owners, (owner) => issueTo(owner, { world, server }));
    return;
  }
  const name = nextName(world, 'service');
  const service: KnownOwner = { ...newThing(world), kind: 'service', name, certificates: [] };
  world.owners.push(service);
  await issueTo(service, { world, server });
  service.isTaken = false;
}

async function issueTo(owner: KnownOwner, { world, server }: Pick<Scene, 'world' | 'server'>): Promise<void> {
  const key = generatePrivateKey('P-256');
  const { pem } = createRequest({ subject: { commonName: owner.name } }, signerFromKey(key));
  const thing = newThing(world);
  owner.round = world.round;
  const isNew = owner.standing === 'unknown';
  const things = isNew ? [thing, owner] : [thing];
  const issued = await write(world, { things, becomes: 'in force' }, () =>
    operate(server.data, 'POST /admin/certificates', { request: pem, profile: 'client' }),
  );
  const serial = String(issued.serial);
  const certificate = { serial, chain: String(issued.chain), key: encodePrivateKey(key) };
  owner.certificates.push({ ...thing, ...certificate, isTaken: false });
}

function revokeCertificate({ world, server, random }: Scene): Promise<void> {
  // Also takes the owner, because removing the owner would revoke the certificate, too.
  return withOne(random, world.owners, async (owner) => {
    await withOne(random, owner.certificates, async (certificate) => {
      owner.round = world.round;
      await write(world, { things: [certificate], becomes: 'gone' }, () =>
        operate(server.data, `POST /admin/certificates/${certificate.serial}/revoke`, {}),
      );
    });
  });
}

async function registerAccount({ world, server }: Scene): Promise<void> {
  const client = await createAcmeClient(server, NO_CHALLENGES);
  const thing = newThing(world);
  await write(world, { things: [thing], becomes: 'in force' }, () => client.register());
  const id = client.account.slice(client.account.lastIndexOf('/') + 1);
  world.accounts.push({ ...thing, id, client, isTaken: false });
}

function deactivateAccount({ world, random }: Scene): Promise<void> {
  return withOne(random, world.accounts, async (account) => {
    await write(world, { things: [account], becomes: 'gone' }, async () => {
      const { status, text } = await postToAccount(account.client, { status: 'deactivated' });
      if (status !== 200) throw new Error(`to deactivate an account is answered ${status}: ${text}`);
    });
  });
}
