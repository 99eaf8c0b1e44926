// Which certificate a command means: a serial number, as `cert list`, openssl and browsers write it, or a file in PEM or DER.
import { readCertificates } from '../pki/read-files.ts';

/** The serial number in hex, or `undefined` for what can only be a file name. */
export function parseSerialNumber(text: string): string | undefined {
  const digits = text.replaceAll(':', '').toLowerCase();
  if (!/^[0-9a-f]{8,42}$/.test(digits)) return undefined;
  const octets = digits.length % 2 === 0 ? digits : `0${digits}`;
  return octets.replace(/^(?:00)+(?=.)/, '');
}

/** The serial number, in the second case that of the first certificate in the file. Throws `CliError`. */
export async function serialNumberOf(serialOrFile: string): Promise<string> {
  const serial = parseSerialNumber(serialOrFile);
  if (serial !== undefined) return serial;
  const [certificate] = await readCertificates(serialOrFile);
  return certificate.serialNumber;
}

/** The path of a certificate in the admin API. */
export function certificatePath(serial: string): string {
  return `/admin/certificates/${encodeURIComponent(serial)}`;
}
