// `gatehouse request URL`: one HTTP request. Writes the unchanged body to standard output, everything else to
// standard error. Refuses secrets in arguments, and headers that HTTP itself sets.

import type { Readable } from 'node:stream';
import type { Client, ClientOptions, ClientResponse } from '@gatehouse/client/request';
import type { TrustFlags } from '../../connection/trust.ts';
import { createTrustingClient } from '../../connection/trust.ts';
import { usageError } from '../../exit-status.ts';
import { checkOutputs } from '../../output/output-files.ts';
import { print, remark, visible } from '../../output/print.ts';
import { createScreen } from '../../output/screen.ts';
import type { CliContext, CliProcess } from '../../process.ts';
import { continuedDownload, deliver, showHead } from './answer.ts';
import { bodyForCurl, isReplayable, openBody, requireOneBody } from './body.ts';
import type { RequestFlags } from './flags.ts';
import { type Fields, isMethod, requestHeaders } from './headers.ts';
import { readCertificate, readIdentity, readTrustChecks, withIdentity } from './identity.ts';
import { type Items, readItems } from './items.ts';
import { withQuery } from './query.ts';
import { type ResolvedFlags, resolveFlags } from './settings.ts';
import type { Exchanged, Outgoing } from './signatures.ts';

export async function request(this: CliContext, given: RequestFlags, ...words: string[]): Promise<void> {
  const { process } = this;
  const { method, address, items } = takeMethod(words, given.method);
  const flags: ResolvedFlags = { ...(await resolveFlags(given, process)), ...(method && { method }) };
  const absolute = URL.parse(address);
  if (flags.download !== undefined && !flags.curl)
    await checkOutputs([flags.download], { force: flags.force });
  if (absolute !== null && /^ftps?:$/.test(absolute.protocol)) {
    if (items.length > 0) throw usageError('an FTP URL takes no items');
    return (await import('./ftp.ts')).requestFile(this, flags, absolute);
  }
  await checkSignatureFlags(flags);
  if (flags.passwordFile !== undefined) throw usageError('--password-file is for FTP URLs');
  const read = await readItems(items);
  const url = withQuery(resolveUrl(address, flags), read.query);
  await exchange(this, withIdentity(flags), { url, read });
}

/** `POST URL …`, as in HTTPie, and `URL …`. */
function takeMethod(words: readonly string[], option: string | undefined) {
  const [first = '', second = '', ...rest] = words;
  const isNamed = /^[A-Z]+$/.test(first) && words.length > 1 && option === undefined;
  return isNamed
    ? { method: first, address: second, items: rest }
    : { method: undefined, address: first, items: words.slice(1) };
}

interface Order {
  url: URL;
  read: Items;
}

async function exchange(context: CliContext, flags: ResolvedFlags, { url, read }: Order): Promise<void> {
  const { process } = context;
  requireOneBody(flags, read.fields);
  refuseSealFlags(flags);
  const method = parseMethod(flags, read);
  const isJson = read.fields.length > 0 && !read.fields.some((field) => 'path' in field);
  const lines = [
    ...Object.entries(flags.defaultHeaders).map((pair) => pair.join(': ')),
    ...(flags.header ?? []),
  ];
  const headers = requestHeaders(lines, read.headers, isJson ? { accept: 'application/json, */*' } : {});
  if (flags.curl) return printCurl(context, flags, { url, method, headers, read });
  const identity = await readIdentity(flags, url, process);
  const certificate = await readCertificate(flags, url, process);
  const checks = await readTrustChecks(flags);
  const trace = flags.trace ? (await import('./waterfall.ts')).startTrace() : undefined;
  const { timeout } = flags;
  const timeouts = { connectSeconds: timeout, headersSeconds: timeout, bodySeconds: timeout };
  const trusted = { cacert: flags.ca ?? flags.cacert, data: flags.dataFolder };
  const options = {
    ...identity,
    ...certificate,
    ...checks,
    ...(trace && { onStep: trace.onStep }),
    timeouts,
  };
  const client = await (flags.seal
    ? createSealing(trusted, process, { flags, url, options })
    : createTrustingClient(trusted, process.env, options));
  const opened: Readable[] = [];
  try {
    const part = await continuedDownload(flags, method, process);
    const once = async () => {
      const fields = { ...headers, ...(await part?.headers()) };
      const response = await send(client, flags, { context, url, read, method, headers: fields, opened });
      trace?.answered();
      showHead(response, flags, process);
      process.exitCode = await deliver(context, response, flags, part);
    };
    await (part === undefined ? once() : part.untilWhole(once, flags.retry ?? 0));
    trace?.finish(process, createScreen(process.stderr, process.env));
  } finally {
    for (const body of opened) body.destroy();
    await client.close();
  }
}

/** Loads the code for sealing only if it is needed. */
async function createSealing(
  trusted: TrustFlags,
  process: CliProcess,
  sealing: { flags: RequestFlags; url: URL; options: Omit<ClientOptions, 'roots'> },
): Promise<Client> {
  return (await import('./seal-client.ts')).createSealingClient(trusted, process, sealing);
}

function refuseSealFlags({ seal, sealCa, sealPin, gateway }: RequestFlags): void {
  if (!seal && (sealCa ?? sealPin ?? gateway) !== undefined)
    throw usageError('--seal-ca, --seal-pin and --gateway need --seal');
}

/** Loads the code for signatures only if it is needed. */
async function checkSignatureFlags(flags: RequestFlags): Promise<void> {
  const given = [
    flags.sign,
    flags.signKeyid,
    flags.signPassphraseFile,
    flags.verifySignature,
    flags.signatureKeys,
  ];
  if (given.some((value) => value !== undefined)) {
    (await import('./signatures.ts')).requireSignatureFlags(flags);
  }
}

async function signed(
  request: Outgoing,
  { flags, process }: { flags: RequestFlags; process: CliProcess },
  pass: (request: Outgoing) => Promise<ClientResponse>,
): Promise<Exchanged> {
  const { sendSigned, signerOfRequest } = await import('./signatures.ts');
  return sendSigned(await signerOfRequest(request, flags, process), pass);
}

async function verified(
  response: ClientResponse,
  request: Outgoing,
  options: Pick<RequestFlags, 'signatureKeys'> & { client: Client },
): Promise<ClientResponse> {
  return (await import('./signatures.ts')).verifiedAnswer(response, request, options);
}

interface Sending extends Order {
  context: CliContext;
  method: string;
  headers: Fields;
  /** The bodies of all tries, to be closed at the end. */
  opened: Readable[];
}

async function send(
  client: Client,
  flags: ResolvedFlags,
  { context: { process }, url, read, method, headers, opened }: Sending,
): Promise<ClientResponse> {
  const once = async () => {
    const content = await openBody(flags, read.fields, process);
    if (content !== undefined) opened.push(content.body);
    const plain: Outgoing = { method, url, content, headers: { ...content?.headers, ...headers } };
    const pass = (sent: Outgoing) => client.request(url, { method, ...sent.content, headers: sent.headers });
    // Each try has its own signature, because a nonce is accepted once.
    const { sent, response } =
      flags.sign === undefined
        ? { sent: plain, response: await pass(plain) }
        : await signed(plain, { flags, process }, pass);
    return flags.verifySignature ? verified(response, sent, { ...flags, client }) : response;
  };
  const { retry = 0 } = flags;
  if (retry === 0) return once();
  const { isRepeatable, retryTools, withRetries } = await import('./retry.ts');
  if (!isRepeatable(method) || !isReplayable(flags)) return once();
  const report = (reason: string, wait: number) =>
    remark(process, `gatehouse: ${visible(reason)}; trying again in ${(wait / 1000).toFixed(1)} s`);
  return withRetries(once, retry, retryTools(report));
}

async function printCurl(
  { process }: CliContext,
  flags: ResolvedFlags,
  { url, method, headers, read }: Omit<Sending, 'context' | 'opened'>,
): Promise<void> {
  const { curlCommand } = await import('./curl.ts');
  const { readRoots } = await import('../../connection/trust.ts');
  const trusted = { cacert: flags.ca ?? flags.cacert, data: flags.dataFolder };
  const roots = (await readRoots(trusted, process.env))?.path;
  print(
    process,
    visible(curlCommand({ url, method, headers, roots, body: bodyForCurl(flags, read.fields) }, flags)),
  );
}

function resolveUrl(address: string, flags: ResolvedFlags): URL {
  const isWhole = URL.canParse(address);
  if (
    !isWhole &&
    flags.isProjectUrl &&
    (flags.keyFile ?? flags.tokenFile ?? flags.cert ?? flags.identity ?? flags.sign ?? flags.signedIn)
  ) {
    throw usageError(
      'the settings file in this folder chooses the server, so the command sends no credential there: give the whole URL',
    );
  }
  const url = URL.parse(address, flags.baseUrl);
  if (url === null && /^[a-z]+:\/\//i.test(address)) {
    throw usageError('URL is not valid: check its host, and that its port is a number from 1 to 65535');
  }
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw usageError('URL should begin with https://, http://, ftp:// or ftps://');
  }
  if (url.username !== '' || url.password !== '') {
    throw usageError(
      'URL contains a secret, and other users can read arguments: use --key-file or --token-file',
    );
  }
  return url;
}

function parseMethod({ method, data, dataFile, form }: RequestFlags, { fields }: Items): string {
  const hasBody = fields.length > 0 || (data ?? dataFile ?? form) !== undefined;
  if (method === undefined) return hasBody ? 'POST' : 'GET';
  if (!isMethod(method)) throw usageError('--method should be a method such as PUT');
  return method;
}
