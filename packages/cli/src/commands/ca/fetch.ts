// `gatehouse ca fetch URL`: the root for another machine. The network need not be trusted: the root must
// match the pin or fingerprint that the first machine printed (RFC 7469 §2.4, docs/wire/fingerprint.md).
// Otherwise nothing is written.
import { type Client, createClient } from '@gatehouse/client/request';
import { encodePem, type ParsedCertificate, readCertificates, X509Error } from '@gatehouse/x509';
import { CliError, exitStatus, usageError } from '../../exit-status.ts';
import { checkOutputs, writeOutputs } from '../../output/output-files.ts';
import { cell, print, printJson, remark } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import { type Expectation, parseFingerprint, parsePin } from './expectation.ts';
import { fingerprintOf } from './fingerprint-forms.ts';

export interface CaFetchFlags {
  pin?: readonly string[];
  fingerprint?: readonly string[];
  out?: string;
  all?: boolean;
  force?: boolean;
  json?: boolean;
}

export async function caFetch(this: CliContext, flags: CaFetchFlags, address: string): Promise<void> {
  const { process } = this;
  const { out = DEFAULT_FILE, force } = flags;
  const expected = expectationsOf(flags);
  const url = parseUrl(address, flags);
  await checkOutputs([out], { force });
  const found = readRoots(url, await fetchText(url));
  const wanted = select(found, expected, { url, all: flags.all === true });
  const content = wanted.map(({ der }) => encodePem('CERTIFICATE', der)).join('');
  await writeOutputs([{ path: out, content }], { force });
  const roots = wanted.map(fingerprintOf);
  if (flags.json) return printJson(process, { file: out, roots });
  for (const { subject, pin } of roots) print(process, `${cell(subject)}, ${pin}`);
  const others = found.length - wanted.length;
  const leftOut = others === 0 ? '' : `; left out ${others} (no pin or fingerprint matches)`;
  remark(process, `In ${cell(out)}${leftOut}. Trust it with: gatehouse ca trust ${cell(out)}`);
}

const DEFAULT_FILE = 'root.pem';
const MAX_BYTES = 1024 * 1024;
const TIMEOUT_SECONDS = 30;
const ROOTS_PATH = '/roots.pem';

function expectationsOf({ pin = [], fingerprint = [] }: CaFetchFlags): Expectation[] {
  const expected = [...pin.map(parsePin), ...fingerprint.map(parseFingerprint)];
  if (expected.length > 0) return expected;
  throw usageError(
    "give --pin or --fingerprint, as 'gatehouse ca fingerprint' prints them on the server: without them, the command would accept any root",
  );
}

/** The path may be left out. Over plain HTTP an attacker could add a root, so `--all` needs https://. */
function parseUrl(address: string, { all }: CaFetchFlags): URL {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw usageError('URL should be the address of the public listener, such as http://localhost:9080');
  }
  if (all && url.protocol !== 'https:') {
    throw usageError(
      '--all needs https://, because over http:// an attacker can add a root: give one --pin for each root',
    );
  }
  if (url.pathname === '/') url.pathname = ROOTS_PATH;
  return url;
}

async function fetchText(url: URL): Promise<string> {
  const client = createClient({
    timeouts: {
      connectSeconds: TIMEOUT_SECONDS,
      headersSeconds: TIMEOUT_SECONDS,
      bodySeconds: TIMEOUT_SECONDS,
    },
  });
  return readAnswer(client, url).finally(() => client.close());
}

async function readAnswer(client: Client, url: URL): Promise<string> {
  const { status, body } = await client.request(url, { headers: { accept: 'application/x-pem-file, */*' } });
  if (status !== 200) throw refused(`${url} answered with status ${status}: is that the public listener?`);
  const chunks: Buffer[] = [];
  let octets = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    octets += chunk.length;
    if (octets > MAX_BYTES)
      throw refused(`${url} answered with more than 1 MiB: that is not a list of roots`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('latin1');
}

function readRoots(url: URL, text: string): ParsedCertificate[] {
  try {
    return readCertificates(text);
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
    throw new CliError(exitStatus.failed, `${url} answered with no certificates: ${error.message}`, {
      cause: error,
    });
  }
}

/** Each expectation must match a root: otherwise no one would notice a mistyped pin or a missing root. */
function select(
  found: readonly ParsedCertificate[],
  expected: readonly Expectation[],
  { url, all }: { url: URL; all: boolean },
): ParsedCertificate[] {
  const roots = found.filter(({ isCa }) => isCa);
  const unmet = expected.find((matches) => !roots.some(matches));
  if (unmet !== undefined) {
    const pins = roots.map((root) => fingerprintOf(root).pin).join(', ');
    const message = `no root at ${url} matches: the pins there are ${pins || 'none'}`;
    throw new CliError(exitStatus.pin, `${message}; nothing was written`);
  }
  return all ? roots : roots.filter((root) => expected.some((matches) => matches(root)));
}

function refused(message: string): CliError {
  return new CliError(exitStatus.failed, message);
}
