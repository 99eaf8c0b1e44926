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
  if (roots === undefined) return createClient(options);
  const client = clientWith(roots, options);
  return {
    request: (url, request) =>
      client.request(url, request).catch((error) => Promise.reject(explain(error, roots))),
    close: () => client.close(),
  };
}

async function readRoots(flags: TrustFlags, environment: NodeJS.ProcessEnv): Promise<Roots | undefined> {
  const path = flags.cacert ?? join(dataFolder(flags.data, environment), 'root.pem');
  try {
    return { path, pem: await readFile(path, 'utf8') };
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

function explain(error: unknown, { path }: Roots): unknown {
  if (!(error instanceof ClientError) || error.code !== 'tls_trust') return error;
  return new ClientError(error.code, `${error.message} (trusted here: ${path} alone)`, { cause: error });
}
