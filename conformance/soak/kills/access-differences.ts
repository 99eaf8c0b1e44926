// Compares the data that decide about access: OAuth clients, members of a group, and policies.
import { tokenOf } from './access-writes.ts';
import { chosen, difference, each, OK, statusesOf, UNAUTHORIZED } from './comparing.ts';
import type { Tables } from './tables.ts';
import type { Scene } from './world.ts';

const FORBIDDEN = 403;

/** The control listener gives tokens only to active clients, and the gateway accepts only their tokens. */
export async function clientDifferences(scene: Scene, tables: Tables): Promise<string[]> {
  const { server, world } = scene;
  return each(chosen(scene, world.clients), async (client) => {
    const isActive = tables.clients.has(client.id);
    const fresh = await tokenOf(server, client);
    const found = [];
    if ((fresh !== undefined) !== isActive)
      found.push(`the client ${client.id} ${isActive ? 'gets no token' : 'still gets tokens'}`);
    // There is none if the server was killed before it answered.
    const token = client.token || fresh;
    if (!token) return found;
    const statuses = await statusesOf(server, { headers: { authorization: `Bearer ${token}` } });
    return [...found, ...difference(`a token of ${client.id}`, isActive ? OK : UNAUTHORIZED, statuses)];
  });
}

/** A member has the role of the group, unless the policies forbid everything to the member. */
export async function memberDifferences(scene: Scene, tables: Tables): Promise<string[]> {
  const { server, world } = scene;
  return each(chosen(scene, world.members), async ({ name, token }) => {
    const isPermitted = tables.members.has(name) && !tables.forbidden.has(name);
    const statuses = await statusesOf(server, { headers: { authorization: `Bearer ${token}` } });
    return difference(`the member ${name}`, isPermitted ? OK : FORBIDDEN, statuses);
  });
}
