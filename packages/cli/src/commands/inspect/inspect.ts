// `gatehouse inspect HOST:PORT`: connects several times to find out what the server negotiates, whether it
// resumes sessions, and whether our client would trust it. Sends no request. All data from the server is
// untrusted: it is limited in size, and printed without control characters.
import { ClientError } from '@gatehouse/client/errors';
import { connectTls } from '@gatehouse/client/sockets';
import { encodePem } from '@gatehouse/x509';
import { type ExitStatus, exitStatus, usageError } from '../../exit-status.ts';
import { checkOutputs, writeOutputs } from '../../output/output-files.ts';
import { print, printJson, remark, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import { readClientCertificate } from '../request/client-certificate.ts';
import { chainEntries, findInChain, issuerFetcher, readSent } from './certificates.ts';
import { type Condition, failed } from './fail-on.ts';
import type { Place } from './fixes.ts';
import { guardOf } from './guard.ts';
import { type Handshake, shakeHands, wayTo } from './handshake.ts';
import { openFirst } from './open.ts';
import { certificateProblems, connectionProblems, errorOf, revocationProblems } from './problems.ts';
import type { Negotiated, Problem, Report } from './report.ts';
import { revocationOf } from './revocation.ts';
import { type InspectionRoots, inspectionRoots } from './roots.ts';
import type { StartTls } from './starttls-protocols.ts';
import { parseTarget, type Target } from './target.ts';
import { acceptedVersions } from './versions.ts';
import { inWords } from './words.ts';

export interface InspectFlags {
  serverName?: string;
  starttls?: StartTls;
  all?: boolean;
  offline?: boolean;
  failOn?: readonly Condition[];
  pin?: readonly string[];
  save?: string;
  force?: boolean;
  cert?: string;
  key?: string;
  certPassphraseFile?: string;
  ca?: string;
  cacert?: string;
  data?: string;
  /** Seconds. */
  timeout: number;
  json?: boolean;
}

export async function inspect(this: CliContext, flags: InspectFlags, address: string): Promise<void> {
  const { process, screen } = this;
  const now = new Date();
  const target = parseTarget(address, flags.serverName, flags.starttls);
  requirePins(flags.pin ?? []);
  if (flags.save !== undefined) await checkOutputs([flags.save], { force: flags.force });
  const roots = await inspectionRoots({ cacert: flags.ca ?? flags.cacert, data: flags.data }, process.env);
  const identity = await identityOf(this, flags);
  const first = await openFirst(target, { timeoutSeconds: flags.timeout, offer: optionsOf(identity) });
  const report = await examine({ target, flags, roots, identity, now }, first);
  if (flags.save !== undefined) await save(this, flags, first.sent);
  if (flags.json) printJson(process, { ...report, failed: failed(flags.failOn ?? [], report, now) });
  else for (const line of inWords(report, screen, now)) print(process, line);
  process.exitCode = exitStatusAfter(this, report, failed(flags.failOn ?? [], report, now));
}

interface Inspection {
  target: Target;
  flags: InspectFlags;
  roots: InspectionRoots;
  identity: { certificate?: string; key?: string };
  now: Date;
}

async function examine(inspection: Inspection, first: Handshake): Promise<Report> {
  const { target, flags, roots, now } = inspection;
  const isAllowed = guardOf(first.address);
  const sent = readSent(first.sent);
  const fetchIssuer = flags.offline ? undefined : issuerFetcher(isAllowed);
  const question = {
    certificates: sent.certificates,
    roots: roots.certificates,
    name: target.serverName,
    at: now,
    fetchIssuer,
  };
  const [tls, versions, found, refusal] = await Promise.all([
    negotiated(inspection, first),
    flags.all ? acceptedVersions(target, flags.timeout) : null,
    findInChain(question),
    clientRefusal(inspection),
  ]);
  const chain = found?.chain ?? [];
  const [certificate, issuer] = chain;
  const place: Place = { target, names: namesOf(found), issuerUrl: found?.missing?.url };
  const revocation =
    certificate === undefined
      ? { verdict: 'not checked' as const, mustStaple: false, sources: [] }
      : await revocationOf({
          certificate,
          issuer,
          staple: first.staple,
          at: now,
          offline: flags.offline === true,
          isAllowed,
        });
  const entries = chainEntries(chain, first.sent, question);
  const pinMatches = matchOf(flags.pin, entries);
  const problems = complete(
    [
      ...(found === undefined ? [unreadable(sent.unreadable, place)] : certificateProblems(found, place)),
      ...revocationProblems(revocation, place),
      ...connectionProblems(tls, versions, place),
      ...(pinMatches === false
        ? [errorOf('pin_mismatch', 'no certificate of the chain has the expected pin', place)]
        : []),
    ],
    refusal,
    place,
  );
  const trusted = problems.every(({ severity }) => severity !== 'error');
  const { host, port, serverName } = target;
  const facts = { host, port, serverName, address: first.address, trusted, roots: roots.source };
  const requires = tls.clientCertificate === 'required' || refusal?.code === 'client_certificate';
  const connection = { ...tls, clientCertificate: requires ? 'required' : 'not required' } as const;
  return { ...facts, tls: connection, versions, chain: entries, revocation, pinMatches, problems };
}

async function negotiated({ target, flags, identity }: Inspection, first: Handshake): Promise<Negotiated> {
  const { version, cipher, group, alpn, handshakeMs, session, requiresCertificate } = first;
  const offer = { ...optionsOf(identity), ...(session === undefined ? {} : { session }) };
  const again =
    session === undefined
      ? undefined
      : await shakeHands(target, { timeoutSeconds: flags.timeout, offer }).catch(() => undefined);
  return {
    version,
    cipher,
    group,
    alpn,
    resumes: again?.isResumed === true,
    clientCertificate: requiresCertificate ? 'required' : 'not required',
    handshakeMs: Math.round(handshakeMs * 10) / 10,
  };
}

/** Why our own client would refuse the server; undefined if it would connect. So both always agree. */
async function clientRefusal({
  target,
  flags,
  roots,
  identity,
}: Inspection): Promise<ClientError | undefined> {
  const { serverName } = target;
  try {
    const way = await wayTo(target, flags.timeout);
    const options = { ...way, serverName, ca: roots.pem, connectSeconds: flags.timeout, ...identity };
    (await connectTls(options)).destroy();
    return undefined;
  } catch (error) {
    if (error instanceof ClientError) return error;
    throw error;
  }
}

/**
 * Adds the client's reason if nothing else explains its refusal. If a chain leads to no root, Node shows only
 * the certificates that OpenSSL accepts as issuers, so the client may know more.
 */
function complete(problems: Problem[], refusal: ClientError | undefined, place: Place): Problem[] {
  const reason = refusal?.tls?.reason;
  if (refusal === undefined || reason === undefined || problems.some(({ code }) => code === reason))
    return problems;
  const errors = problems.filter(({ severity }) => severity === 'error');
  const isExplained = errors.length > 0 && !errors.some(({ code }) => code === 'unknown_root');
  return isExplained ? problems : [errorOf(reason, refusal.message, place), ...problems];
}

function unreadable(why: string | undefined, place: Place): Problem {
  return errorOf(
    'invalid_chain',
    why === undefined ? 'the server sent no certificate' : `its certificate cannot be read: ${why}`,
    place,
  );
}

async function identityOf({ process }: CliContext, flags: InspectFlags): Promise<Inspection['identity']> {
  const { cert, key, certPassphraseFile } = flags;
  if (cert === undefined) {
    if (key !== undefined || certPassphraseFile !== undefined)
      throw usageError('--key and --cert-passphrase-file need --cert');
    return {};
  }
  const read = await readClientCertificate({ cert, certKey: key, certPassphraseFile }, process);
  return { certificate: read.chain, key: read.key };
}

function optionsOf({ certificate, key }: Inspection['identity']) {
  return certificate === undefined || key === undefined ? {} : { cert: certificate, key };
}

function requirePins(pins: readonly string[]): void {
  if (pins.every((pin) => /^sha256\/[A-Za-z0-9+/]{43}=$/.test(pin))) return;
  throw usageError('--pin should be sha256/ and 44 characters, as this command prints it');
}

function matchOf(pins: readonly string[] | undefined, chain: Report['chain']): boolean | null {
  if (pins === undefined) return null;
  return chain.some(({ key }) => pins.includes(key.pin));
}

function namesOf(found: { chain: readonly { subjectAltNames: readonly object[] }[] } | undefined): string[] {
  const names = found?.chain[0]?.subjectAltNames ?? [];
  return names.flatMap((name) => ('value' in name && typeof name.value === 'string' ? [name.value] : []));
}

async function save(
  { process }: CliContext,
  { save: path = '', force }: InspectFlags,
  sent: readonly Buffer[],
): Promise<void> {
  const content = sent.map((der) => encodePem('CERTIFICATE', der)).join('');
  await writeOutputs([{ path, content }], { force });
  remark(
    process,
    visible(`The certificates that the server sent are in ${path}. Saving them does not make them trusted.`),
  );
}

/** A wrong pin comes first, then missing trust, then the conditions. */
function exitStatusAfter(
  { process }: CliContext,
  { trusted, pinMatches, problems }: Report,
  conditions: readonly string[],
): ExitStatus {
  const others = problems.some(({ code, severity }) => severity === 'error' && code !== 'pin_mismatch');
  if (pinMatches === false && !others) return exitStatus.pin;
  if (!trusted) return exitStatus.tlsTrust;
  if (conditions.length === 0) return exitStatus.ok;
  remark(process, `gatehouse: --fail-on: ${conditions.join(', ')}`);
  return exitStatus.failed;
}
