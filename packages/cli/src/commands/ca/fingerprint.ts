// `gatehouse ca fingerprint [FILE]`: prints forms of the root to compare by eye, ear or camera, to pin in a
// client, and to publish in the DNS.
import { isIP } from 'node:net';
import { join } from 'node:path';
import { decodePem, type ParsedCertificate, readCertificate } from '@gatehouse/x509';
import type { CertificateAuthorities } from '../../connection/admin-api.ts';
import { gatewayUrl, ownDataFolder } from '../../connection/data-folder.ts';
import { withTransport } from '../../connection/transport.ts';
import { usageError } from '../../exit-status.ts';
import type { ManagementFlags } from '../../flags.ts';
import { readCertificates } from '../../input/pki-files.ts';
import { cell, print, printJson } from '../../output/print.ts';
import { qrCode } from '../../output/qr-code.ts';
import { shortTime } from '../../output/times.ts';
import type { CliContext, CliProcess } from '../../process.ts';
import { caaRecord, parseIssuer, parseService, type Service, tlsaRecords } from './dns-records.ts';
import { type Fingerprint, fingerprintOf } from './fingerprint-forms.ts';

export interface CaFingerprintFlags extends ManagementFlags {
  name?: readonly string[];
  issuer?: string;
}

export async function caFingerprint(
  this: CliContext,
  flags: CaFingerprintFlags,
  path?: string,
): Promise<void> {
  const services = flags.name?.map(parseService) ?? (await ownServices(this, flags, path));
  const issuer = flags.issuer === undefined ? undefined : parseIssuer(flags.issuer);
  const certificates = await readRoots(this, flags, path);
  const roots = certificates.map(fingerprintOf);
  const records = recordsOf(certificates, services, issuer);
  if (flags.json) return printJson(this.process, { roots, ...records });
  for (const root of roots) show(this.process, root);
  const lines = [...records.tlsa, ...records.caa];
  if (lines.length > 0) print(this.process, lines.join('\n'));
}

/** The gateway of the server on the data folder, if it has a name: an address cannot have such records. */
async function ownServices(
  { process }: CliContext,
  { server, data }: CaFingerprintFlags,
  path: string | undefined,
): Promise<Service[]> {
  if (server !== undefined || path !== undefined) return [];
  const url = URL.parse((await gatewayUrl(await ownDataFolder(data, process.env))) ?? '');
  if (url === null || isIP(url.hostname.replaceAll(/[[\]]/g, '')) !== 0) return [];
  return [parseService(`${url.hostname}:${url.port || HTTPS_PORT}`)];
}

const HTTPS_PORT = 443;

async function readRoots(
  context: CliContext,
  flags: CaFingerprintFlags,
  path: string | undefined,
): Promise<ParsedCertificate[]> {
  if (flags.server !== undefined && path !== undefined) throw usageError('give FILE or --server, not both');
  if (flags.server === undefined) {
    return readCertificates(path ?? join(await ownDataFolder(flags.data, context.process.env), 'root.pem'));
  }
  const { roots } = await withTransport(context, flags, (transport) =>
    transport.call<CertificateAuthorities>('GET', '/admin/ca'),
  );
  return decodePem(roots).map(({ bytes }) => readCertificate(bytes));
}

function recordsOf(
  roots: readonly ParsedCertificate[],
  services: readonly Service[],
  issuer: string | undefined,
) {
  return {
    tlsa: services.flatMap((service) => roots.flatMap(({ spki }) => tlsaRecords(service, spki))),
    caa: [...new Set(services.filter(isPublic).map((service) => caaRecord(service, issuer)))],
  };
}

/** Public authorities do not issue for local names (RFC 6761 §6.3). */
function isPublic({ host }: Service): boolean {
  return host !== 'localhost' && !host.endsWith('.localhost');
}

function show(process: CliProcess, root: Fingerprint): void {
  const facts = [
    ['subject', root.subject],
    ['valid', `${shortTime(root.notBefore)} to ${shortTime(root.notAfter)}`],
    ['certificate', `SHA-256 ${root.sha256}`],
    ['pin', root.pin],
    ['digits', root.digits],
    ['QR code', root.uri],
  ] as const;
  const width = Math.max(...facts.map(([name]) => name.length));
  print(process, facts.map(([name, text]) => `${name.padEnd(width)}  ${cell(text)}`).join('\n'));
  print(process, `\n${qrCode(process, root.uri)}\n`);
}
