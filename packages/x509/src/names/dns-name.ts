// Domain names in certificates: LDH labels (RFC 5890 §2.3.1, RFC 1034 §3.5), in lower case.
// Refuses U-labels, reserved labels, empty labels, a final dot, and names that look like an IP address.
import { X509Error } from '../errors.ts';

/**
 * A domain name in canonical form. A leading `*.` means any one label (RFC 9525 §6.3).
 * @throws X509Error `general_name_invalid`
 */
export function canonicalDnsName(text: string): string {
  if (text.length <= MAX_LENGTH && DNS_NAME.test(text) && !NUMERIC_LABEL.test(text))
    return text.toLowerCase();
  if (/[^ -~]/.test(text)) throw invalidName(text, 'is not ASCII; write each label in its xn-- form');
  if (text.length > MAX_LENGTH || !DNS_NAME.test(text))
    throw invalidName(text, 'is not a domain name (RFC 1034 §3.5)');
  throw invalidName(text, 'looks like an IP address, but it is not one');
}

/** The error for a name that no certificate may have. It quotes the name, escaped and truncated. */
export function invalidName(text: string, problem: string): X509Error {
  return new X509Error('general_name_invalid', `${JSON.stringify(text.slice(0, 80))} ${problem}`);
}

const MAX_LENGTH = 253;
/**
 * LDH labels. `xn--` begins an A-label; other labels with `--` in the same place are reserved (RFC 5890
 * §2.3.1).
 */
const LABEL = '(?:(?!..--)|(?=xn--))[a-z\\d](?:[a-z\\d-]{0,61}[a-z\\d])?';
const DNS_NAME = new RegExp(`^(?:\\*\\.)?${LABEL}(?:\\.${LABEL})*$`, 'i');
/** A last label that a resolver may read as a part of an IPv4 address. */
const NUMERIC_LABEL = /(^|\.)(\d+|0x[\da-f]*)$/i;
