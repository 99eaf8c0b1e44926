// The options that several commands share, and functions for the usual forms of options.
import type { TransportFlags } from './connection/transport.ts';
import { parseDuration } from './input/duration.ts';

/** The options of every management command. */
export interface ManagementFlags extends TransportFlags {
  json?: boolean;
}

export const toggle = (brief: string) =>
  ({ kind: 'boolean', brief, optional: true, withNegated: false }) as const;

export const value = (brief: string, placeholder: string) =>
  ({ kind: 'parsed', parse: String, brief, placeholder, optional: true }) as const;

export const repeated = (brief: string, placeholder: string) =>
  ({ kind: 'parsed', parse: String, brief, placeholder, optional: true, variadic: true }) as const;

export const argument = (brief: string, placeholder: string) =>
  ({ parse: String, brief, placeholder }) as const;

export const data = value('Data folder (default: $GATEHOUSE_DATA, else ./.gatehouse)', 'DIR');

/** The same for a command in which `--data` is the body of a request. */
export const dataFolder = data;

export const out = value(
  'Write the result to this new file, which only you can read (default: standard output)',
  'FILE',
);

/** For commands that replace a secret. */
export const overlap = (brief: string) =>
  ({ kind: 'parsed', parse: parseDuration, default: '1h', brief, placeholder: 'DURATION' }) as const;

export const cacert = value("Trust the roots in this PEM file (default: the data folder's root.pem)", 'FILE');

export const management = {
  json: toggle('Print one JSON document'),
  data,
  server: value(
    'Use the server at this URL, for example https://localhost:9443 (default: the server of the data folder)',
    'URL',
  ),
  tokenFile: value("File with the access token for --server (default: that of 'gatehouse login')", 'FILE'),
  cacert,
} as const;

export const force = toggle('Replace files that exist');

/** For acts after which no user may be an administrator. */
export const lastAdministrator = toggle(
  'Do it without asking, even if no active user has the role admin afterwards',
);

/** The help of a command: its brief, and examples. */
export function explained(brief: string, ...commands: string[]): { brief: string; fullDescription: string } {
  return { brief, fullDescription: withExamples(brief, ...commands) };
}

/** A text before the examples, in lines of at most 80 columns. */
export function withExamples(brief: string, ...commands: string[]): string {
  return [brief, '', 'Examples', ...commands.map((command) => `  ${command}`)].join('\n');
}

export const role = {
  kind: 'parsed',
  parse: String,
  variadic: true,
  default: ['user'],
  brief: 'Role of the user',
  placeholder: 'ROLE',
} as const;

export const passwordStdin = toggle('Read the password from standard input');

export const attributes = {
  attribute: repeated('Attribute to set: a text, or JSON such as 3, true or ["a","b"]', 'NAME=VALUE'),
  removeAttribute: repeated('Attribute to remove', 'NAME'),
} as const;
