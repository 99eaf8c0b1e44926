// A data folder of Gatehouse with 1,000 API keys and 1,000 users who have signed in. Each contender gets a
// copy. Gatehouse itself creates the keys and issues the tokens. The users are written into its database with
// a cheap password hash, because a thousand sign-ins at the usual cost would take longer than the
// measurement.
import { argon2Sync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import type { Build } from './builds.ts';
import type { Credentials } from './contender.ts';
import { freePorts } from './free-port.ts';
import type { GatehouseSite, StartedGatehouse } from './gatehouse-start.ts';
import { dataFolder, startGatehouse } from './gatehouse-start.ts';
import { createHttpConnection } from './http-connection.ts';
import { CREDENTIALS, forgedOf } from './rsa-tokens.ts';

export interface GatehouseCredentials {
  /** The data folder of a stopped server. */
  dataFolder: string;
  apiKey: Credentials;
  token: Credentials;
}

const ANYWHERE = '127.0.0.1:0';

/** Tokens contain these URLs, so every copy must have them. */
export const NAMES_OF_ITSELF = {
  gateway: { listen: ANYWHERE, url: 'https://gateway.example.com' },
  control: { listen: ANYWHERE, url: 'https://control.example.com' },
};

/** `site.folder` must be empty. The oldest build must create it, because newer ones migrate their copies. */
export async function prepareCredentials(
  { checkout }: Build,
  site: Omit<GatehouseSite, 'stack'>,
): Promise<GatehouseCredentials> {
  const [controlPort = 0] = await freePorts(1);
  const settings = {
    gateway: NAMES_OF_ITSELF.gateway,
    control: { ...NAMES_OF_ITSELF.control, listen: `127.0.0.1:${controlPort}` },
    identity: { tokenLifetime: '12h' },
  };
  const start = (stack: AsyncDisposableStack) => startGatehouse({ ...site, checkout, stack }, settings);
  {
    await using stack = new AsyncDisposableStack();
    await start(stack);
  }
  const data = dataFolder(site.folder);
  const password = randomBytes(16).toString('hex');
  addUsers(join(data, DATABASE_FILE), password);
  await using stack = new AsyncDisposableStack();
  const started = await start(stack);
  const keys = await createKeys(started);
  const tokens = await signIn({ ...started, controlPort }, password);
  return {
    dataFolder: data,
    apiKey: { field: 'X-API-Key', values: keys, forged: forgedKey(keys[0] ?? '') },
    token: { field: 'Authorization', values: tokens, forged: forgedOf(tokens[0] ?? '') },
  };
}

const DATABASE_FILE = 'gatehouse.db';
const ROLES = ['user'];

function addUsers(file: string, password: string): void {
  const database = new DatabaseSync(file);
  const insert = database.prepare(
    'INSERT INTO users (name, password_hash, roles, disabled, created_at, token_epoch) VALUES (?, ?, ?, 0, ?, ?)',
  );
  const hash = cheapHash(password);
  database.exec('BEGIN');
  for (let index = 0; index < CREDENTIALS; index += 1) {
    insert.run(personName(index), hash, JSON.stringify(ROLES), Date.now(), index + 1);
  }
  database.exec('COMMIT');
  database.close();
}

function personName(index: number): string {
  return `person-${index}@example.com`;
}

/** A PHC string with the lowest cost that Argon2id (RFC 9106) allows. */
function cheapHash(password: string): string {
  const nonce = randomBytes(16);
  const cost = { parallelism: 1, memory: 8, passes: 1, tagLength: 32 };
  const tag = argon2Sync('argon2id', { message: password, nonce, ...cost });
  return `$argon2id$v=19$m=8,t=1,p=1$${unpadded(nonce)}$${unpadded(tag)}`;
}

function unpadded(octets: Buffer): string {
  return octets.toString('base64').replaceAll('=', '');
}

async function createKeys({ socket }: StartedGatehouse): Promise<string[]> {
  const connection = createHttpConnection({ socketPath: socket });
  const keys: string[] = [];
  for (let index = 0; index < CREDENTIALS; index += 1) {
    const body = JSON.stringify({ name: `program-${index}`, roles: ROLES });
    keys.push(await post(connection, { target: '/admin/keys', body }, 'key'));
  }
  connection.close();
  return keys;
}

async function signIn(
  { controlPort, root }: { controlPort: number; root: string },
  password: string,
): Promise<string[]> {
  const connection = createHttpConnection({ host: 'localhost', port: controlPort, root });
  const tokens: string[] = [];
  for (let index = 0; index < CREDENTIALS; index += 1) {
    const body = JSON.stringify({ username: personName(index), password });
    tokens.push(`Bearer ${await post(connection, { target: '/auth/login', body }, 'access_token')}`);
  }
  connection.close();
  return tokens;
}

async function post(
  connection: ReturnType<typeof createHttpConnection>,
  { target, body }: { target: string; body: string },
  member: string,
): Promise<string> {
  const fields = 'Content-Type: application/json\r\n';
  const answer = await connection.exchange({ method: 'POST', target, fields, body });
  const text = answer.body.toString('utf8');
  if (answer.status >= 400) throw new Error(`Gatehouse answers ${answer.status} to ${target}: ${text}`);
  return (JSON.parse(text) as Record<string, string>)[member] ?? '';
}

/** The key with another secret and the matching checksum (docs/wire/api-key.md). */
function forgedKey(key: string): string {
  const [prefix, id, secret = ''] = key.split('_');
  const body = `${prefix}_${id}_${secret.startsWith('a') ? 'b' : 'a'}${secret.slice(1)}`;
  return `${body}_${crc32(body).toString(16).padStart(8, '0')}`;
}
