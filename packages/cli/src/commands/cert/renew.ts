// `gatehouse cert renew FILE|SERIAL`: a certificate with the same names and profile, and a new key. With
// --server and no token, the certificate itself is the credential (mutual TLS). Refuses a key that does not
// match the certificate.
import type { KeyObject } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { encodePrivateKey, generatePrivateKey, type PrivateKeyType } from '@gatehouse/x509';
import type { Certificate } from '../../connection/admin-api.ts';
import { type Transport, withCertificateTransport, withTransport } from '../../connection/transport.ts';
import { usageError } from '../../exit-status.ts';
import type { ManagementFlags } from '../../flags.ts';
import { privateKeyFile } from '../../input/private-key-file.ts';
import { readPassphraseFile } from '../../input/secrets.ts';
import { checkOutputs, requireSpace, writeOutputs } from '../../output/output-files.ts';
import { cell, print, printJson, remark } from '../../output/print.ts';
import { fromNow, shortTime } from '../../output/times.ts';
import type { CliContext } from '../../process.ts';
import { firstStopSignal } from '../../stop-signal.ts';
import { parseFollowUp, runFollowUp } from './follow-up.ts';
import { describe, factsOf, requireCertificateFor } from './issued.ts';
import { sameKeyType } from './key-type.ts';
import {
  defaultKeyPath,
  locatePair,
  type OpenedPair,
  openPair,
  type PairPaths,
  publishPair,
  stagePair,
} from './pair.ts';
import { renewalRequest, renewalRequestFor } from './renewal-request.ts';
import { certificatePath, completeSerialNumber, parseSerialNumber } from './serial-number.ts';
import { takingBack } from './take-back.ts';
import { type Life, watch } from './watch.ts';

export interface CertRenewFlags extends ManagementFlags {
  key?: string;
  out?: string;
  sameKey?: boolean;
  keyType?: PrivateKeyType;
  passphraseFile?: string;
  watch?: boolean;
  exec?: string;
}

export async function certRenew(
  this: CliContext,
  flags: CertRenewFlags,
  fileOrSerial: string,
): Promise<void> {
  const { passphraseFile, exec } = flags;
  const passphrase = passphraseFile && (await readPassphraseFile(passphraseFile, this.process));
  const options = { ...flags, passphrase, followUp: exec === undefined ? [] : parseFollowUp(exec) };
  const serial = parseSerialNumber(fileOrSerial);
  if (serial !== undefined) return renewSerial(this, options, serial);
  if (flags.out !== undefined)
    throw usageError('--out needs a serial number: for a file, the command replaces that file');
  const paths = await locatePair(fileOrSerial, flags.key);
  if (flags.watch) return watchPair(this, options, paths);
  await renewPair(this, options, paths);
  if (options.followUp.length > 0) await runFollowUp(options.followUp, paths, { process: this.process });
}

interface RenewOptions extends CertRenewFlags {
  passphrase?: string | undefined;
  followUp: readonly string[];
}

async function renewPair(context: CliContext, options: RenewOptions, paths: PairPaths): Promise<void> {
  const pair = await open(context, options, paths);
  await requireSpace([paths.certificate, paths.key]);
  const key = options.sameKey
    ? pair.key
    : generatePrivateKey(options.keyType ?? sameKeyType(pair.certificate.spki));
  const renewed = await askForRenewal(context, options, {
    pair,
    request: renewalRequest(pair.certificate, key),
  });
  requireCertificateFor(key, renewed);
  const secret = options.sameKey ? {} : { key: keyText(key, options) };
  await stagePair(paths, { chain: renewed.chain, ...secret }).catch(takingBack(context, options, renewed));
  await publishPair(paths);
  report(context, options, { renewed, paths });
}

async function open({ process }: CliContext, { passphrase }: RenewOptions, paths: PairPaths) {
  const pair = await openPair(paths, passphrase);
  if (pair.repaired) remark(process, `finished an earlier renewal of ${cell(paths.certificate)} first`);
  return pair;
}

function keyText(key: KeyObject, { passphrase }: RenewOptions): string {
  return String(privateKeyFile('', key, passphrase).content);
}

interface Asking {
  pair: OpenedPair;
  request: string;
}

function askForRenewal(context: CliContext, options: RenewOptions, { pair, request }: Asking) {
  if (options.server === undefined || options.tokenFile !== undefined) {
    return renewBySerial(context, options, { serial: pair.certificate.serialNumber, request });
  }
  const certificate = { chain: pair.chain, key: encodePrivateKey(pair.key) };
  return withCertificateTransport(context, { ...options, certificate }, (transport) =>
    transport.call<Certificate>('POST', '/ca/renew', { request }),
  );
}

function renewBySerial(
  context: CliContext,
  options: RenewOptions,
  { serial, request }: { serial: string; request: string },
): Promise<Certificate> {
  return withTransport(context, options, (transport) => renewOver(transport, serial, request));
}

function renewOver(transport: Transport, serial: string, request: string): Promise<Certificate> {
  return transport.call<Certificate>('POST', `${certificatePath(serial)}/renew`, { request });
}

/** For a certificate whose files are elsewhere or lost: writes the new pair to new files. */
async function renewSerial(context: CliContext, options: RenewOptions, serial: string): Promise<void> {
  if (options.out === undefined || options.watch || options.sameKey) {
    throw usageError(
      'with a serial number, give --out FILE, and neither --watch nor --same-key; for those options, name the certificate file',
    );
  }
  const paths = { certificate: options.out, key: options.key ?? defaultKeyPath(options.out) };
  const rules = { inputs: [options.passphraseFile] };
  await checkOutputs([paths.certificate, paths.key], rules);
  const key = generatePrivateKey(options.keyType ?? 'P-256');
  const renewed = await withTransport(context, options, async (transport) => {
    const whole = await completeSerialNumber(transport, serial);
    return renewOver(transport, whole, renewalRequestFor(whole, key));
  });
  requireCertificateFor(key, renewed);
  const files = [
    { path: paths.certificate, content: renewed.chain },
    privateKeyFile(paths.key, key, options.passphrase),
  ];
  await writeOutputs(files, rules).catch(takingBack(context, options, renewed));
  report(context, options, { renewed, paths });
  if (options.followUp.length > 0) await runFollowUp(options.followUp, paths, context);
}

async function watchPair(context: CliContext, options: RenewOptions, paths: PairPaths): Promise<void> {
  const { process } = context;
  const stopping = new AbortController();
  void firstStopSignal(process).then(() => stopping.abort());
  const { signal } = stopping;
  const task = {
    read: async () => lifeOf(await open(context, options, paths)),
    async renew() {
      await renewPair(context, options, paths);
      if (options.followUp.length === 0) return;
      await runFollowUp(options.followUp, paths, { process, signal }).catch((error: Error) => {
        remark(process, `gatehouse: ${cell(error.message)}`);
      });
    },
    waiting(untilMs: number) {
      const until = new Date(untilMs).toISOString();
      remark(process, `next renewal ${shortTime(until)} (${fromNow(until, new Date())})`);
    },
    failed(error: unknown, retryMilliseconds: number) {
      const reason = error instanceof Error ? error.message : String(error);
      remark(process, `gatehouse: ${cell(reason)}; next try in ${Math.ceil(retryMilliseconds / 1000)} s`);
    },
  };
  remark(process, `watching ${cell(paths.certificate)}`);
  await watch(task, { now: Date.now, random: Math.random, sleep }, signal);
}

/**
 * A copied or restored file can have any time, so the time counts only if it is within the validity of the
 * certificate.
 */
function lifeOf({ certificate: { serialNumber, notBefore, notAfter }, writtenAt }: OpenedPair): Life {
  const isPlausible = writtenAt >= notBefore.getTime() && writtenAt <= Date.now();
  return {
    serial: serialNumber,
    begin: isPlausible ? writtenAt : notBefore.getTime(),
    end: notAfter.getTime(),
  };
}

async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  await pause(milliseconds, undefined, { signal }).catch((error: Error) => {
    if (error.name !== 'AbortError') throw error;
  });
}

interface Renewal {
  renewed: Certificate;
  paths: PairPaths;
}

function report({ process }: CliContext, { json }: RenewOptions, { renewed, paths }: Renewal): void {
  const facts = factsOf(renewed);
  if (json) printJson(process, { ...facts, files: [paths.certificate, paths.key] });
  else print(process, `renewed ${cell(paths.certificate)}: ${describe(facts)}`);
}
