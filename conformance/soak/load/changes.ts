// Changes of the configuration, one after the other. Each must be in force for every new request after its
// answer.
import { adminOf } from '../../support/admin-api.ts';
import { ask } from '../../support/https-client.ts';

export interface ChangedServer {
  port: number;
  ca: string;
  data: string;
}

/** New connections after each change, so that every worker is likely to be asked. */
const CHECKS = 4;
/** One change in so many is a new intermediate, and with it a new certificate of the listeners. */
const ROTATION_EVERY = 25;

/** Returns, in words, the changes that were not in force. */
export async function makeChanges(server: ChangedServer, count: number): Promise<string[]> {
  const admin = adminOf(server.data);
  const faults: string[] = [];
  let key: { id: string; key: string } | undefined;
  for (let made = 0; made < count; made += 1) {
    if (made % ROTATION_EVERY === ROTATION_EVERY - 1) {
      await admin('POST', '/admin/ca/rotate', {});
    } else if (key) {
      await admin('DELETE', `/admin/keys/${key.id}`);
      faults.push(...(await differences(server, key.key, 401)));
      key = undefined;
    } else {
      const created = await admin('POST', '/admin/keys', { name: `change-${made}`, roles: ['user'] });
      key = created as { id: string; key: string };
      faults.push(...(await differences(server, key.key, 200)));
    }
  }
  return faults;
}

async function differences({ port, ca }: ChangedServer, key: string, wanted: number): Promise<string[]> {
  const checks = Array.from({ length: CHECKS }, async () => {
    const { status } = await ask({ port, ca, path: '/changed', headers: { 'x-api-key': key } });
    return status === wanted ? [] : [`answered ${status} instead of ${wanted} after the change`];
  });
  return (await Promise.all(checks)).flat();
}
