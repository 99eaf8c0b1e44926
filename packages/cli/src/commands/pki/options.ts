// The options that several pki commands share.

import { argument, force, toggle, value } from '../../flags.ts';
import { parseDuration } from '../../input/duration.ts';

/** A required file. */
export const file = (brief: string) =>
  ({ kind: 'parsed', parse: String, brief, placeholder: 'FILE' }) as const;

export const fileArgument = (brief: string) => argument(brief, 'FILE');

export const lifetime = (fallback: string) =>
  ({
    kind: 'parsed',
    parse: parseDuration,
    default: fallback,
    brief: 'How long it is valid',
    placeholder: 'DURATION',
  }) as const;

export const json = toggle('Print one JSON document');

export const output = { force, json } as const;

export const keyPassphrase = value('File with the passphrase of the key (default: asks if needed)', 'FILE');

export const subject = {
  commonName: value('Common name (CN)', 'NAME'),
  organization: value('Organization (O)', 'NAME'),
  organizationalUnit: value('Organizational unit (OU)', 'NAME'),
  locality: value('Town (L)', 'NAME'),
  state: value('State or province (ST)', 'NAME'),
  country: value('Country (C), two capital letters', 'CC'),
} as const;

export const authority = {
  ca: file('Certificate of the authority; those above it may follow in the file'),
  caKey: file("The authority's private key"),
  passphraseFile: keyPassphrase,
} as const;
