// The certificate that a command is about: a serial number as `cert list`, openssl and browsers write it, its
// first digits, or a file in PEM or DER. Refuses digits that several serial numbers begin with.
import { access } from 'node:fs/promises';
import type { ParsedCertificate } from '@gatehouse/x509';
import type { CertificateFacts } from '../../connection/admin-api.ts';
import { readPages } from '../../connection/pages.ts';
import type { Transport } from '../../connection/transport.ts';
import { CliError, exitStatus } from '../../exit-status.ts';
import { readCertificates } from '../../input/pki-files.ts';
import { cell } from '../../output/print.ts';

/** The serial number in hex, or `undefined` for text that can only be a file name. */
export function parseSerialNumber(text: string): string | undefined {
  const digits = text.replaceAll(':', '').toLowerCase();
  if (!new RegExp(`^[0-9a-f]{${MIN_DIGITS},42}$`).test(digits)) return undefined;
  const octets = digits.length % 2 === 0 ? digits : `0${digits}`;
  return octets.replace(/^(?:00)+(?=.)/, '');
}

/** As `parseSerialNumber`, or the serial number of the first certificate in a file. Throws `CliError`. */
export async function serialNumberOf(serialOrFile: string): Promise<string> {
  const serial = parseSerialNumber(serialOrFile);
  return serial ?? (await certificateIn(serialOrFile)).serialNumber;
}

/** The first certificate in a file. Throws `CliError`. */
export async function certificateIn(path: string): Promise<ParsedCertificate> {
  await requireFileOrDigits(path);
  const [certificate] = await readCertificates(path);
  return certificate;
}

/**
 * The whole serial number that begins with `digits`. Throws `CliError` if there are several. If there is
 * none, returns the digits, which the server then refuses.
 */
export async function completeSerialNumber(transport: Transport, digits: string): Promise<string> {
  if (digits.length >= WHOLE_DIGITS) return digits;
  const all = await readPages<CertificateFacts>(transport, {
    path: '/admin/certificates',
    member: 'certificates',
  });
  const serials = all.map(({ serial }) => serial);
  if (serials.includes(digits)) return digits;
  const beginnings = [digits, digits.replace(/^0/, '')];
  const [found, ...others] = serials.filter((serial) => beginnings.some((each) => serial.startsWith(each)));
  if (others.length === 0) return found ?? digits;
  const message = `${others.length + 1} serial numbers begin with ${digits}: give more digits`;
  throw new CliError(exitStatus.failed, message);
}

/** The path of a certificate in the admin API. */
export function certificatePath(serial: string): string {
  return `/admin/certificates/${encodeURIComponent(serial)}`;
}

const MIN_DIGITS = 8;
/** This many digits are a whole serial number. Ours have 40. */
const WHOLE_DIGITS = 38;

/** Refuses too few digits for a serial number, and a name, unless there is such a file. */
async function requireFileOrDigits(text: string): Promise<void> {
  if (/[./\\]/.test(text)) return;
  await access(text).catch((cause) => {
    const advice = /^[0-9a-f:]+$/i.test(text)
      ? `give at least its first ${MIN_DIGITS} digits`
      : "'gatehouse cert list' shows them";
    const message = `${cell(text)} is neither a file nor a serial number: ${advice}`;
    throw new CliError(exitStatus.failed, message, { cause });
  });
}
