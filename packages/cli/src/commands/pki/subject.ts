// Subjects and names from options (RFC 5280 §4.1.2.6, §4.2.1.6).
import { type GeneralName, parseSubjectName, type Subject, X509Error } from '@gatehouse/x509';
import { usageError } from '../../exit-status.ts';

export interface SubjectFlags {
  country?: string;
  state?: string;
  locality?: string;
  organization?: string;
  organizationalUnit?: string;
  commonName?: string;
}

/** Empty if no option is given. */
export function subjectOf(flags: SubjectFlags): Subject {
  const fields = FIELDS.flatMap((field) => (flags[field] === undefined ? [] : [[field, flags[field]]]));
  return Object.fromEntries(fields);
}

/** DNS names, IP addresses, mailboxes and URIs. Throws a usage error. */
export function namesOf(texts: readonly string[] = []): GeneralName[] {
  return texts.map((text) => asUsage('--name', () => parseSubjectName(text)));
}

/** The result of `parse`. Turns its refusal of the text into a usage error. */
export function asUsage<T>(option: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw error instanceof X509Error ? usageError(`${option}: ${error.message}`) : error;
  }
}

const FIELDS = [
  'country',
  'state',
  'locality',
  'organization',
  'organizationalUnit',
  'commonName',
] as const satisfies (keyof SubjectFlags)[];
