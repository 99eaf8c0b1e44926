// `gatehouse request URL`: one HTTP request. Writes the unchanged body to standard output, everything else to
// standard error. Refuses secrets in arguments, and headers that HTTP itself sets.
import { STATUS_CODES } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { ClientOptions, ClientResponse, Identity } from '@gatehouse/client';
import manifest from '../../../package.json' with { type: 'json' };
import { createTrustingClient } from '../../connection/trust.ts';
import { type ExitStatus, exitStatus, usageError } from '../../exit-status.ts';
import { readApiKeyFile, readTokenFile } from '../../input/secrets.ts';
import { checkOutputs, writeOutputs } from '../../output/output-files.ts';
import { remark, visible } from '../../output/print.ts';
import type { CliContext, CliProcess } from '../../process.ts';
import { type BodyFlags, openBody, requireOneBody } from './body.ts';
import { withProgress } from './progress.ts';
import { withQuery } from './query.ts';

export interface RequestFlags extends BodyFlags {
  method?: string;
  header?: readonly string[];
  keyFile?: string;
  tokenFile?: string;
  cert?: string;
  certKey?: string;
  certPassphraseFile?: string;
  /** The private key of `cert`, also named `certKey`. */
  key?: string;
  /** Of the user of an FTP server. */
  passwordFile?: string;
  cacert?: string;
  /** The same as `cacert`. */
  ca?: string;
  download?: string;
  force?: boolean;
  dataFolder?: string;
  check?: boolean;
  include?: boolean;
  /** Seconds. */
  timeout: number;
}

export async function request(
  this: CliContext,
  flags: RequestFlags,
  address: string,
  ...items: string[]
): Promise<void> {
  const { process } = this;
  const given = URL.parse(address);
  if (flags.download !== undefined) await checkOutputs([flags.download], { force: flags.force });
  if (given !== null && /^ftps?:$/.test(given.protocol)) {
    if (items.length > 0) throw usageError('a URL of FTP has no query');
    return (await import('./ftp.ts')).requestFile(this, flags, given);
  }
  if (flags.passwordFile !== undefined) throw usageError('--password-file is for URLs of FTP');
  const url = withQuery(parseUrl(address), items);
  const method = parseMethod(flags);
  const headers = parseHeaders(flags.header ?? []);
  requireOneBody(flags);
  const identity = await readIdentity(flags, process);
  const certificate = await readCertificate(flags, url, process);
  const timeouts = {
    connectSeconds: flags.timeout,
    headersSeconds: flags.timeout,
    bodySeconds: flags.timeout,
  };
  const trusted = { cacert: flags.ca ?? flags.cacert, data: flags.dataFolder };
  const client = await createTrustingClient(trusted, process.env, { ...identity, ...certificate, timeouts });
  const content = await openBody(flags, process);
  try {
    const response = await client.request(url, {
      method,
      ...content,
      headers: { ...content?.headers, ...headers },
    });
    showHead(response, flags, process);
    process.exitCode = await deliver(this, response, flags);
  } finally {
    content?.body.destroy();
    await client.close();
  }
}

function parseUrl(address: string): URL {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw usageError('URL should begin with https://, http://, ftp:// or ftps://');
  }
  if (url.username !== '' || url.password !== '') {
    throw usageError('URL holds a secret, which other users can read: use --key-file or --token-file');
  }
  return url;
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/; // RFC 9110 §5.6.2

function parseMethod({ method, data, dataFile, form }: RequestFlags): string {
  if (method === undefined) return (data ?? dataFile ?? form) === undefined ? 'GET' : 'POST';
  if (!token.test(method) || method === 'CONNECT') throw usageError('--method should be one such as PUT');
  return method;
}

const secretHeaders = new Set(['authorization', 'proxy-authorization', 'x-api-key']);
const framingHeaders = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);
const defaultHeaders = { accept: '*/*', 'user-agent': `gatehouse/${manifest.version}` };

function parseHeaders(lines: readonly string[]): Record<string, string | string[]> {
  const fields = new Map<string, string[]>();
  for (const [name, value] of lines.map(parseHeader)) fields.set(name, [...(fields.get(name) ?? []), value]);
  return { ...defaultHeaders, ...Object.fromEntries(fields) };
}

function parseHeader(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  const name = line.slice(0, colon).toLowerCase();
  const value = line.slice(colon + 1).trim();
  if (colon < 1 || !token.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
    throw usageError("--header should read 'Name: value'");
  }
  if (secretHeaders.has(name)) {
    throw usageError(`--header ${name}: other users can read arguments; use --key-file or --token-file`);
  }
  if (framingHeaders.has(name)) throw usageError(`--header ${name}: this one is set by the command itself`);
  return [name, value];
}

async function readIdentity(
  { keyFile, tokenFile }: RequestFlags,
  process: CliProcess,
): Promise<{ identity?: Identity }> {
  if (keyFile !== undefined && tokenFile !== undefined) {
    throw usageError('give --key-file or --token-file, not both');
  }
  if (keyFile !== undefined) {
    return { identity: { kind: 'apiKey', key: await readApiKeyFile(keyFile, process) } };
  }
  if (tokenFile !== undefined) {
    const token = await readTokenFile(tokenFile, process, 'give a key with --key-file');
    return { identity: { kind: 'bearer', token } };
  }
  return {};
}

/** Loads the parser of certificates only if there is one. */
async function readCertificate(
  { cert, key, certKey = key, certPassphraseFile }: RequestFlags,
  url: URL,
  process: CliProcess,
): Promise<Pick<ClientOptions, 'certificate'>> {
  if (cert === undefined) {
    if (certKey === undefined && certPassphraseFile === undefined) return {};
    throw usageError('--key, --cert-key and --cert-passphrase-file go with --cert');
  }
  if (url.protocol !== 'https:')
    throw usageError('--cert needs a URL that begins with https://: it is not sent over plain HTTP');
  const { readClientCertificate } = await import('./client-certificate.ts');
  const certificate = await readClientCertificate({ cert, certKey, certPassphraseFile }, process);
  return { certificate };
}

/** The body of a refusal is no file that was asked for: it goes to standard output. */
async function deliver(
  context: CliContext,
  response: ClientResponse,
  flags: RequestFlags,
): Promise<ExitStatus> {
  const { download, force } = flags;
  const status = statusFor(response, flags);
  if (download === undefined || response.status >= 300) {
    await writeBody(context, response);
    return download === undefined || status !== exitStatus.ok ? status : exitStatus.failed;
  }
  const length = Number(response.headers['content-length'] ?? Number.NaN);
  const content = withProgress(response.body, Number.isNaN(length) ? undefined : length, context.process);
  await writeOutputs([{ path: download, content }], { force });
  return status;
}

/** Throws where the answer breaks off. `runApplication` reports a failed write. */
async function writeBody({ process, output }: CliContext, { body }: ClientResponse): Promise<void> {
  await pipeline(body, process.stdout, { end: false }).catch(async (error) => {
    if ((await output.failure()) === undefined) throw error;
  });
}

function showHead({ status, headers }: ClientResponse, { include }: RequestFlags, process: CliProcess): void {
  remark(process, `HTTP ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd());
  if (!include) return;
  for (const [name, values] of Object.entries(headers)) {
    for (const value of [values ?? []].flat()) remark(process, visible(`${name}: ${value}`));
  }
}

/** A 401 to a certificate and no other credential means that the certificate is the wrong one. */
function statusFor({ status }: ClientResponse, flags: RequestFlags): ExitStatus {
  const { check, cert, keyFile, tokenFile } = flags;
  if (!check || status < 400) return exitStatus.ok;
  const byCertificate = cert !== undefined && keyFile === undefined && tokenFile === undefined;
  if (status === 401 && byCertificate) return exitStatus.clientIdentity;
  return status < 500 ? exitStatus.clientError : exitStatus.serverError;
}
