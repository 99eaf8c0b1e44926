// Writes the data that decide about access: OAuth clients, members of a group, and policies.
import { operate } from '../../support/certificates.ts';
import type { Up } from '../../support/gatehouse-command.ts';
import { signIn } from '../../support/gatehouse-command.ts';
import { ask } from '../../support/https-client.ts';
import { basic } from '../../support/oauth-client.ts';
import type { KnownClient, KnownMember, Scene } from './world.ts';
import { newThing, nextName, PASSWORD, withOne, write } from './world.ts';

/** Its members get the role that permits reading. */
export const GROUP = 'staff';

/** The group and a first member, to whom policies can forbid something. */
export async function createGroup(scene: Scene): Promise<void> {
  await operate(scene.server.data, 'POST /admin/groups', { name: GROUP, roles: ['user'] });
  await createMember(scene);
  await joinGroup(scene);
}

export async function createClient({ world, server }: Scene): Promise<void> {
  const name = nextName(world, 'client');
  const body = { name, grants: ['client_credentials'], roles: ['user'] };
  const thing = newThing(world);
  const made = await write(world, { things: [thing], becomes: 'in force' }, () =>
    operate(server.data, 'POST /admin/clients', body),
  );
  const client = { ...thing, id: String(made.client_id), secret: String(made.client_secret), token: '' };
  world.clients.push(client);
  client.token = (await tokenOf(server, client)) ?? '';
  await requireStatus(server, { ...client, name }, 200);
  client.isTaken = false;
}

export function removeClient({ world, server, random }: Scene): Promise<void> {
  return withOne(random, world.clients, async (client) => {
    await write(world, { things: [client], becomes: 'gone' }, () =>
      operate(server.data, `DELETE /admin/clients/${client.id}`),
    );
    await requireStatus(server, { ...client, name: client.id }, 401);
  });
}

/** A new access token; undefined if the client is not known (RFC 6749 §5.2). */
export async function tokenOf(
  { ca, controlPort: port }: Up,
  { id, secret }: Pick<KnownClient, 'id' | 'secret'>,
): Promise<string | undefined> {
  const { status, json, text } = await ask({
    ca,
    port,
    path: '/oauth/token',
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: basic({ client_id: id, client_secret: secret }),
    },
    body: 'grant_type=client_credentials',
  });
  if (status === 200) return String(json().access_token);
  if (status === 401) return undefined;
  throw new Error(`the client ${id} gets ${status} for a token: ${text()}`);
}

/** A user who may do nothing yet: no policy names the role. */
export async function createMember({ world, server }: Scene): Promise<void> {
  const name = nextName(world, 'member');
  const member: KnownMember = { ...newThing(world), standing: 'gone', name, token: '' };
  await operate(server.data, 'POST /admin/users', { name, password: PASSWORD, roles: ['guest'] });
  member.token = await signIn(server, name, PASSWORD);
  world.members.push({ ...member, isTaken: false });
}

export function joinGroup(scene: Scene): Promise<void> {
  const isOutside = ({ standing }: KnownMember) => standing === 'gone';
  return withOne(
    scene.random,
    scene.world.members,
    (member) => change(scene, member, 'addMembers'),
    isOutside,
  );
}

export function leaveGroup(scene: Scene): Promise<void> {
  return withOne(scene.random, scene.world.members, (member) => change(scene, member, 'removeMembers'));
}

async function change(
  { world, server }: Scene,
  member: KnownMember,
  how: 'addMembers' | 'removeMembers',
): Promise<void> {
  const becomes = how === 'addMembers' ? 'in force' : 'gone';
  await write(world, { things: [member], becomes }, () =>
    operate(server.data, `POST /admin/groups/${GROUP}`, { [how]: [member.name] }),
  );
  // The policies may forbid everything to the member, but without the group nothing is permitted.
  if (becomes === 'gone') await requireStatus(server, member, 403);
}

/** Forbids everything to one more member, or to one less. */
export function changePolicies({ world, server, random }: Scene): Promise<void> {
  return withOne(random, [world.policies], async (policies) => {
    const member = random.pick(world.members);
    const { name } = member;
    const forbidden = policies.forbidden.symmetricDifference(new Set([name]));
    const files = [{ name: 'all.cedar', text: policiesThatForbid(forbidden) }];
    await write(world, { things: [policies], becomes: 'in force' }, () =>
      operate(server.data, 'PUT /admin/policies', { files }),
    );
    policies.forbidden = forbidden;
    if (forbidden.has(name)) await requireStatus(server, member, 403);
  });
}

function policiesThatForbid(names: ReadonlySet<string>): string {
  const permits = 'permit (principal in Role::"user", action == Action::"GET", resource);';
  const forbids = [...names].map((name) => `forbid (principal == User::"${name}", action, resource);`);
  return [permits, ...forbids].join('\n');
}

/** An answered change must be in force on a new connection, with any worker. */
async function requireStatus(
  { port, ca }: Up,
  { name, token }: { name: string; token: string },
  expected: number,
): Promise<void> {
  const { status } = await ask({ port, ca, path: '/', headers: { authorization: `Bearer ${token}` } });
  if (status !== expected) throw new Error(`${name} is answered ${status} instead of ${expected}`);
}
