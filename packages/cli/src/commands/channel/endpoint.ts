// How the commands reach an encrypted endpoint: over HTTP or HTTPS, with a credential if a gateway requires
// one.
import type { Client, Identity } from '@gatehouse/client';
import { createTrustingClient } from '../../connection/trust.ts';
import { usageError } from '../../exit-status.ts';
import { readApiKeyFile, readTokenFile } from '../../input/secrets.ts';
import type { CliProcess } from '../../process.ts';

export interface EndpointFlags {
  ca?: string;
  /** The same as `ca`. */
  cacert?: string;
  keyFile?: string;
  tokenFile?: string;
  data?: string;
}

export interface Endpoint {
  client: Client;
  url: URL;
}

const TIMEOUT_SECONDS = 30;
const timeouts = {
  connectSeconds: TIMEOUT_SECONDS,
  headersSeconds: TIMEOUT_SECONDS,
  bodySeconds: TIMEOUT_SECONDS,
};
const DEFAULT_PATH = '/encrypted/';

/** Runs `act` with a client for the endpoint, and closes it afterwards. */
export async function withEndpoint<Result>(
  { flags, address, process }: { flags: EndpointFlags; address: string; process: CliProcess },
  act: (endpoint: Endpoint) => Promise<Result>,
): Promise<Result> {
  const url = parseUrl(address);
  const roots = flags.ca ?? flags.cacert;
  const identity = await readIdentity(flags, process);
  const client = await createTrustingClient({ cacert: roots, data: flags.data }, process.env, {
    ...(identity && { identity }),
    timeouts,
  });
  return act({ client, url }).finally(() => client.close());
}

/** The path may be left out. */
function parseUrl(address: string): URL {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw usageError('URL should begin with https:// or http://, such as http://localhost:8080/encrypted/');
  }
  if (url.username !== '' || url.password !== '') {
    throw usageError(
      'URL contains a secret, and other users can read arguments: use --key-file or --token-file',
    );
  }
  if (url.pathname === '/') url.pathname = DEFAULT_PATH;
  return url;
}

async function readIdentity(
  { keyFile, tokenFile }: EndpointFlags,
  process: CliProcess,
): Promise<Identity | undefined> {
  if (keyFile !== undefined && tokenFile !== undefined) {
    throw usageError('give --key-file or --token-file, not both');
  }
  if (keyFile !== undefined) return { kind: 'apiKey', key: await readApiKeyFile(keyFile, process) };
  if (tokenFile === undefined) return undefined;
  return { kind: 'bearer', token: await readTokenFile(tokenFile, process, 'give a key with --key-file') };
}
