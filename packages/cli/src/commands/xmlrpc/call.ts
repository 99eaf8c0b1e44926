// `gatehouse xmlrpc call URL METHOD ARGUMENT…`: one call. Prints the result as JSON: octets as base64, dates
// in RFC 3339, integers beyond 53 bits as strings. Refuses a URL with a secret.
import type { ClientOptions } from '@gatehouse/client';
import { XmlRpcFault, type XmlRpcValue, xmlrpcCall } from '@gatehouse/client/xmlrpc';
import { createTrustingClient } from '../../connection/trust.ts';
import { CliError, exitStatus, usageError } from '../../exit-status.ts';
import { printJson } from '../../output/print.ts';
import type { CliContext, CliProcess } from '../../process.ts';

export interface XmlRpcCallFlags {
  ca?: string;
  cacert?: string;
  cert?: string;
  key?: string;
  certPassphraseFile?: string;
  dataFolder?: string;
  /** Seconds. */
  timeout: number;
}

export async function xmlrpcCallCommand(
  this: CliContext,
  flags: XmlRpcCallFlags,
  ...words: string[]
): Promise<void> {
  const [address = '', method = '', ...texts] = words;
  const url = parseUrl(address);
  const certificate = await readCertificate(flags, url, this.process);
  const timeouts = {
    connectSeconds: flags.timeout,
    headersSeconds: flags.timeout,
    bodySeconds: flags.timeout,
  };
  const trusted = { cacert: flags.ca ?? flags.cacert, data: flags.dataFolder };
  const client = await createTrustingClient(trusted, this.process.env, { ...certificate, timeouts });
  try {
    const result = await xmlrpcCall(
      { client, url, limits: { maxBytes: MAX_BYTES } },
      method,
      texts.map(parseArgument),
    );
    printJson(this.process, plain(result));
  } catch (error) {
    throw error instanceof XmlRpcFault ? faultError(error, method) : error;
  } finally {
    await client.close();
  }
}

const MAX_BYTES = 64 * 1024 * 1024;

function parseUrl(address: string): URL {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw usageError('URL should begin with https:// or http://');
  }
  if (url.username !== '' || url.password !== '') {
    throw usageError('URL contains a secret, and other users can read arguments: use --cert');
  }
  return url;
}

/** Loads the parser of certificates only if there is one. */
async function readCertificate(
  { cert, key: certKey, certPassphraseFile }: XmlRpcCallFlags,
  url: URL,
  process: CliProcess,
): Promise<Pick<ClientOptions, 'certificate'>> {
  if (cert === undefined) {
    if (certKey === undefined && certPassphraseFile === undefined) return {};
    throw usageError('--key and --cert-passphrase-file need --cert');
  }
  if (url.protocol !== 'https:') throw usageError('--cert needs a URL that begins with https://');
  const { readClientCertificate } = await import('../request/client-certificate.ts');
  return { certificate: await readClientCertificate({ cert, certKey, certPassphraseFile }, process) };
}

function parseArgument(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The value in a form for JSON. */
function plain(value: XmlRpcValue): unknown {
  if (typeof value === 'bigint') return String(value);
  if (value === undefined) return null;
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}

function faultError({ faultCode, faultString }: XmlRpcFault, method: string): CliError {
  const message = `${method} answered with fault ${faultCode}: ${faultString}`;
  return new CliError(exitStatus.failed, message, { code: 'fault', problem: { faultCode, faultString } });
}
