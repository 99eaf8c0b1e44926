// Which roots a command trusts: those of `--cacert`, otherwise the data folder's own root, otherwise those of
// Node.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClientError } from '@gatehouse/client/errors';
// Not imported from the package's main entry, which loads cookies, FTP and XML-RPC.
import { type Client, type ClientOptions, createClient } from '@gatehouse/client/request';
import { CliError, cannotRead, exitStatus } from '../exit-status.ts';
import { dataFolder, ownDataFolder } from './data-folder.ts';

export interface TrustFlags {
  cacert?: string | undefined;
  data?: string | undefined;
}

interface Roots {
  path: string;
  pem: string;
}

/** A client with these roots only. If it does not trust a server, the error names the file of the roots. */
export async function createTrustingClient(
  flags: TrustFlags,
  environment: NodeJS.ProcessEnv,
  options: Omit<ClientOptions, 'roots'>,
): Promise<Client> {
  const roots = await readRoots(flags, environment);
  const client = roots === undefined ? createClient(options) : clientWith(roots, options);
  const trusted =
    roots === undefined
      ? `no root.pem was found at ${dataFolder(flags.data, environment)}: name the data folder, or give --cacert`
      : `only ${roots.path} is trusted here`;
  return {
    request: (url, request) =>
      client.request(url, request).catch((error) => Promise.reject(explain(error, trusted))),
    close: () => client.close(),
  };
}

/** Undefined if there is no file of roots, so that those of Node are trusted. Throws `CliError`. */
export async function readRoots(
  flags: TrustFlags,
  environment: NodeJS.ProcessEnv,
): Promise<Roots | undefined> {
  const path = flags.cacert ?? join(await ownDataFolder(flags.data, environment), 'root.pem');
  try {
    return { path, pem: readFileSync(path, 'latin1') }; // text around PEM may be in any encoding
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
