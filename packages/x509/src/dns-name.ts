// Domain names as certificates carry them: LDH labels (RFC 5890 §2.3.1, RFC 1034 §3.5), in lower case.
// Refuses U-labels, reserved labels, empty labels and a final dot, and names whose last label makes them look like an address.
import { X509Error } from './errors.ts';

/**
 * A domain name in canonical form. One leading `*.` stands for one label (RFC 9525 §6.3).
 * @throws X509Error `general_name_invalid`
 */
export function canonicalDnsName(text: string): string {
  const name = text.toLowerCase();
  const labels = (name.startsWith('*.') ? name.slice(2) : name).split('.');
  if (/[^ -~]/.test(text)) throw invalidName(text, 'is not ASCII; write each label in its xn-- form');
  if (name.length > MAX_LENGTH || !labels.every(isLdhLabel))
    throw invalidName(text, 'is not a domain name (RFC 1034 §3.5)');
  if (/^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? ''))
    throw invalidName(text, 'ends like an address but is none');
  return name;
}

/** The error for a name that cannot stand in a certificate; quotes the name, escaped and cut short. */
export function invalidName(text: string, problem: string): X509Error {
  return new X509Error('general_name_invalid', `${JSON.stringify(text.slice(0, 80))} ${problem}`);
}

const MAX_LENGTH = 253;

/** `xn--` marks an A-label; other labels with `--` in that place are reserved (RFC 5890 §2.3.1). */
function isLdhLabel(label: string): boolean {
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label)) return false;
  return label.slice(2, 4) !== '--' || label.startsWith('xn--');
}
