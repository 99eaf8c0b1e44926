// Which roots a command trusts: those of `--cacert`, else those of the data folder's own authority, else the runtime's.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Client, ClientError, type ClientOptions, createClient } from '@gatehouse/client';
import { dataFolder } from './data-folder.ts';
import { CliError, cannotRead, exitStatus } from './exit-status.ts';

export interface TrustFlags {
  cacert?: string;
  data?: string;
}

interface Roots {
  path: string;
  pem: string;
}

/** A client with these roots alone; when it distrusts a server, the error says which file it went by. */
export async function createTrustingClient(
  flags: TrustFlags,
  environment: NodeJS.ProcessEnv,
  options: Omit<ClientOptions, 'roots'>,
): Promise<Client> {
  const roots = await readRoots(flags, environment);
  const client = roots === undefined ? createClient(options) : clientWith(roots, options);
  const trusted =
    roots === undefined
      ? `no root.pem was found at ${dataFolder(flags.data, environment)}: give --data or --cacert`
      : `trusted here: ${roots.path} alone`;
  return {
    request: (url, request) =>
      client.request(url, request).catch((error) => Promise.reject(explain(error, trusted))),
    close: () => client.close(),
  };
}

async function readRoots(flags: TrustFlags, environment: NodeJS.ProcessEnv): Promise<Roots | undefined> {
  const path = flags.cacert ?? join(dataFolder(flags.data, environment), 'root.pem');
  try {
    return { path, pem: await readFile(path, 'latin1') }; // what stands around PEM may be in any encoding
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (flags.cacert === undefined && code === 'ENOENT') return undefined;
    throw cannotRead(path, error);
  }
}

function clientWith(roots: Roots, options: ClientOptions): Client {
  try {
    return createClient({ ...options, roots: roots.pem });
  } catch (error) {
    throw new CliError(exitStatus.failed, `${roots.path} holds no certificate in PEM form`, { cause: error });
  }
}

function explain(error: unknown, trusted: string): unknown {
  if (!(error instanceof ClientError) || error.code !== 'tls_trust') return error;
  return new ClientError(error.code, `${error.message} (${trusted})`, { cause: error });
}
