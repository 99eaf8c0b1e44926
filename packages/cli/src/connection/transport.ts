// How management commands reach the server: HTTP over the Unix socket in the data folder, where the file's
// permissions are the credential, or TLS to `--server` with a token. Its errors are problem+json (RFC 9457).
import { buffer } from 'node:stream/consumers';
import { ClientError } from '@gatehouse/client/errors';
import { CliError, type ExitStatus, exitStatus, usageError } from '../exit-status.ts';
import { decodeText } from '../input/decode-text.ts';
import { readTokenFile } from '../input/secrets.ts';
import type { CliContext, CliProcess } from '../process.ts';
import { controlSocket, controlUrl, notRunning, ownDataFolder } from './data-folder.ts';
import { eventData } from './event-source.ts';
import type { Caller } from './socket-client.ts';
import { createSocketClient } from './socket-client.ts';
import type { createTrustingClient } from './trust.ts';

/** The options that every management command has. */
export interface TransportFlags {
  data?: string;
  server?: string;
  tokenFile?: string;
  cacert?: string;
}

export interface Transport {
  /**
   * Calls the admin API and resolves with the answer's JSON, or with `undefined` for 204. Throws `CliError`
   * with the server's reason.
   */
  call<Answer = void>(method: string, path: string, body?: unknown): Promise<Answer>;
  /** The octets of an answer that is not JSON. Throws the same errors as `call`. */
  octets(method: string, path: string): Promise<AsyncIterable<Uint8Array>>;
  /** The data of each server-sent event, without end. Throws `CliError` when the server ends it. */
  events<Data>(path: string): AsyncGenerator<Data>;
}

/** Verifying a long ledger and copying a large database take time. */
const PATIENCE_SECONDS = 120;
const timeouts = { headersSeconds: PATIENCE_SECONDS, bodySeconds: PATIENCE_SECONDS };

/** Runs `act` with a transport and closes it afterwards. */
export async function withTransport<Result>(
  { process }: CliContext,
  flags: TransportFlags,
  act: (transport: Transport) => Promise<Result>,
): Promise<Result> {
  const { client, base } = await (flags.server === undefined
    ? openLocal(flags, process)
    : openRemote(flags, process));
  return act(createTransport(client, base)).finally(() => client.close());
}

/** The same without a credential: HTTPS to `--server`, otherwise to the server of the data folder. */
export async function withAnonymousTransport<Result>(
  { process }: CliContext,
  flags: Omit<TransportFlags, 'tokenFile'>,
  act: (transport: Transport) => Promise<Result>,
): Promise<Result> {
  const server = flags.server ?? (await controlUrl(await ownDataFolder(flags.data, process.env)));
  const base = parseServer(server);
  if (!base.startsWith('https:'))
    throw usageError('--server should begin with https://, because the command sends a password there');
  const client = await openTrusting(flags, process.env, { timeouts });
  return act(createTransport(client, base)).finally(() => client.close());
}

/** The same with a client certificate as the credential (mutual TLS); PEM, the leaf first. */
export async function withCertificateTransport<Result>(
  { process }: CliContext,
  { certificate, ...flags }: TransportFlags & { certificate: { chain: string; key: string } },
  act: (transport: Transport) => Promise<Result>,
): Promise<Result> {
  const base = parseServer(flags.server);
  if (!base.startsWith('https:')) throw usageError('--server should begin with https://');
  const client = await openTrusting(flags, process.env, { certificate, timeouts });
  return act(createTransport(client, base, exitStatus.clientIdentity)).finally(() => client.close());
}

// Loaded only for remote servers: loading it takes as long as the rest of a command.
const openTrusting: typeof createTrustingClient = async (...args) =>
  (await import('./trust.ts')).createTrustingClient(...args);

interface Connection {
  client: Caller;
  base: string;
}

async function openLocal(flags: TransportFlags, process: CliProcess): Promise<Connection> {
  if (flags.tokenFile !== undefined) throw usageError('--token-file needs --server');
  if (flags.cacert !== undefined) throw usageError('--cacert needs --server');
  const folder = await ownDataFolder(flags.data, process.env);
  const socketClient = createSocketClient(await controlSocket(folder), PATIENCE_SECONDS);
  const request: Caller['request'] = (url, init) =>
    socketClient.request(url, init).catch((error) => Promise.reject(explainSocket(error, folder)));
  return { client: { ...socketClient, request }, base: 'http://localhost' };
}

/** A server that was killed leaves a socket file without a listener. */
function explainSocket(error: unknown, folder: string): unknown {
  if (!(error instanceof ClientError) || error.code !== 'connect') return error;
  const { code } = error.cause as NodeJS.ErrnoException;
  if (code !== 'EACCES') return notRunning(folder, error);
  const message = `this user may not administer the Gatehouse on data folder ${folder}: use the account that runs it`;
  return new CliError(exitStatus.connect, message, { cause: error });
}

async function openRemote(flags: TransportFlags, process: CliProcess): Promise<Connection> {
  const base = parseServer(flags.server);
  const token = await remoteToken(flags, base, process);
  const identity = { kind: 'bearer', token } as const;
  return { client: await openTrusting(flags, process.env, { identity, timeouts }), base };
}

/** From the file, otherwise from the sign-in at this server. */
async function remoteToken(flags: TransportFlags, base: string, process: CliProcess): Promise<string> {
  if (flags.tokenFile !== undefined) {
    return readTokenFile(flags.tokenFile, process, "get one with 'gatehouse login NAME --out FILE'");
  }
  const { loginToken } = await import('./logins.ts');
  const open = async () => (await import('./oauth-fetch.ts')).openFetch(flags, process.env);
  const token = await loginToken(process, base, open);
  if (token !== undefined) return token;
  throw usageError(`--server needs --token-file, or a sign-in with 'gatehouse login --server ${base}'`);
}

function parseServer(server = ''): string {
  const url = URL.parse(server);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw usageError('--server should be a URL such as https://localhost:9443');
  }
  return url.origin;
}

/** `unauthenticated` is the exit status if the server does not accept the credential. */
function createTransport(
  client: Caller,
  base: string,
  unauthenticated: ExitStatus = exitStatus.failed,
): Transport {
  return {
    async call<Answer>(method: string, path: string, body?: unknown) {
      const response = await client.request(new URL(path, base), {
        method,
        headers: { accept: 'application/json', 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const content = await buffer(response.body);
      if (response.status === 401) throw refusal(response.status, content, unauthenticated);
      if (response.status >= 300) throw refusal(response.status, content);
      return (content.length === 0 ? undefined : parseAnswer(content)) as Answer;
    },
    async octets(method, path) {
      const { status, body } = await client.request(new URL(path, base), { method });
      if (status >= 300) throw refusal(status, await buffer(body));
      return whole(body);
    },
    async *events<Data>(path: string) {
      const { status, body } = await client.request(new URL(path, base), {
        headers: { accept: 'text/event-stream' },
      });
      if (status === 401) throw refusal(status, await buffer(body), unauthenticated);
      if (status >= 300) throw refusal(status, await buffer(body));
      yield* eventData<Data>(body);
      throw new CliError(exitStatus.connect, 'the server has stopped, so the stream has ended');
    },
  };
}

/** The octets of an answer that may be incomplete. */
async function* whole(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    const message = 'the server did not send all of its answer: its log says why';
    throw new CliError(exitStatus.failed, message, { cause: error });
  }
}

function parseAnswer(content: Buffer): unknown {
  try {
    return JSON.parse(decodeText(content, 'the answer'));
  } catch (error) {
    const message = 'the answer is not JSON: is that the control address of a Gatehouse?';
    throw new CliError(exitStatus.failed, message, { cause: error });
  }
}

interface Problem {
  code?: string;
  title?: string;
  detail?: string;
  request_id?: string;
}

/** A 5xx does not contain its cause. For these codes, the fix is known. */
const remedies: ReadonlyMap<string | undefined, string> = new Map([
  ['store_full', "the server's disk is full: free space on it, then try again"],
]);

function refusal(status: number, content: Buffer, exit: ExitStatus = exitStatus.failed): CliError {
  const problem = parseProblem(content);
  const { code, title, detail, request_id: requestId } = problem;
  const remedy = remedies.get(code);
  if (remedy !== undefined) return new CliError(exitStatus.failed, remedy);
  const reason = detail ?? title ?? `the server answered with status ${status}`;
  const logged = status >= 500 && requestId !== undefined;
  return new CliError(exit, logged ? `${reason}: see request ${requestId} in the server's log` : reason, {
    code,
    problem,
  });
}

/** A proxy may answer in another form: then only the status is known. */
function parseProblem(content: Buffer): Problem {
  try {
    return Object(JSON.parse(content.toString())) as Problem;
  } catch {
    return {};
  }
}
