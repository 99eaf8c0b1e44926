// The settings under `tls`: a preset, or versions, suites and groups by hand. Unsafe choices, and choices
// that cannot work together, are refused with a sentence that names the value, the reason and a better one.
import { z } from 'zod';
import { list } from '../settings/setting-types.ts';
import type { Choice, TlsVersion } from './tls-suites.ts';
import { DEFAULT_GROUPS, groupNamed, SUITES_12, SUITES_13, suiteNamed } from './tls-suites.ts';

/** The TLS settings of all our listeners. Resolved: the listeners know every name. */
export interface TlsSettings {
  /** The defaults of the other members. */
  preset?: 'modern' | 'intermediate' | undefined;
  minVersion: TlsVersion;
  maxVersion: TlsVersion;
  /** In the order of preference. Suites of TLS 1.2 have the name of OpenSSL. */
  suites: readonly string[];
  /** In the order of preference. */
  groups: readonly string[];
  /** A file for the secrets of every session, relative to the data folder. */
  keyLog?: string | undefined;
  /** `always`: the gateway runs only on a transport that can staple. */
  stapling?: 'auto' | 'always' | undefined;
}

export const tlsSettings = z
  .strictObject({
    preset: z
      .enum(['modern', 'intermediate'])
      .default('modern')
      .describe('modern: TLS 1.3 only; intermediate: also TLS 1.2 with ECDHE and AEAD'),
    minVersion: version().describe(
      'Oldest TLS version of all our listeners: 1.2 or 1.3; default: the one of the preset',
    ),
    maxVersion: version().describe('Newest TLS version of all our listeners: 1.2 or 1.3; default: 1.3'),
    suites: list()
      .optional()
      .describe('Cipher suites in the order of preference; default: all safe ones of these versions'),
    groups: list()
      .optional()
      .describe(`Key exchange groups in the order of preference; default: ${DEFAULT_GROUPS.join(', ')}`),
    stapling: z
      .enum(['auto', 'always'])
      .default('auto')
      .describe(
        'Stapled OCSP answers; auto: if the transport supports them; always: the gateway runs on Node',
      ),
    keyLog: z
      .string()
      .min(1, 'must be a file')
      .optional()
      .describe('A file that gets the secrets of every session, for Wireshark (relative to the data folder)'),
  })
  .transform((given, context): TlsSettings => {
    const refuse = (setting: string, problem: string) => {
      context.addIssue({ code: 'custom', path: [setting], message: problem, input: undefined });
      return z.NEVER;
    };
    const { preset, maxVersion = 'TLSv1.3' } = given;
    const oldest = preset === 'modern' ? maxVersion : 'TLSv1.2';
    const { minVersion = oldest } = given;
    if (minVersion > maxVersion) {
      return refuse(
        'maxVersion',
        'is 1.2, but tls.minVersion is 1.3: set tls.minVersion to 1.2, or remove both settings',
      );
    }
    const versions = new Set([minVersion, maxVersion]);
    const suites = chosen(given.suites ?? defaultSuites(versions), { kind: SUITES, versions });
    if (typeof suites === 'string') return refuse('suites', suites);
    const groups = chosen(given.groups ?? defaultGroups(versions), { kind: GROUPS, versions });
    if (typeof groups === 'string') return refuse('groups', groups);
    const { keyLog, stapling } = given;
    return { preset, minVersion, maxVersion, suites, groups, keyLog, stapling };
  })
  .prefault({});

/** Reads the settings from the text of a person. Throws a `ZodError`. */
export function resolveTlsSettings(given: z.input<typeof tlsSettings>): TlsSettings {
  return tlsSettings.parse(given);
}

/** `1.2`, `TLSv1.2`; the same for 1.3. */
function version() {
  return z
    .union([z.string(), z.number()], { error: 'must be 1.2 or 1.3' })
    .transform((value, context): TlsVersion => {
      const match = /^(?:TLS ?v?)?(1\.[23])$/i.exec(String(value));
      if (match) return `TLSv${match[1]}` as TlsVersion;
      const isOld = /^(?:TLS ?v?)?1(?:\.[01])?$|^SSL/i.test(String(value));
      const reason = isOld ? `, not ${JSON.stringify(value)}: older versions are not secure (RFC 8996)` : '';
      context.addIssue(`must be 1.2 or 1.3${reason}`);
      return z.NEVER;
    })
    .optional();
}

function defaultSuites(versions: ReadonlySet<TlsVersion>): readonly string[] {
  return [...(versions.has('TLSv1.3') ? SUITES_13 : []), ...(versions.has('TLSv1.2') ? SUITES_12 : [])];
}

function defaultGroups(versions: ReadonlySet<TlsVersion>): readonly string[] {
  return DEFAULT_GROUPS.filter((name) => {
    const choice = groupNamed(name);
    return 'versions' in choice && choice.versions.some((each) => versions.has(each));
  });
}

interface Kind {
  name: string;
  read(text: string): Choice;
  /** An alternative, for each version. */
  example: Readonly<Record<TlsVersion, string>>;
}

const SUITES: Kind = {
  name: 'suite',
  read: suiteNamed,
  example: { 'TLSv1.2': 'ECDHE-ECDSA-AES128-GCM-SHA256', 'TLSv1.3': 'TLS_AES_128_GCM_SHA256' },
};
const GROUPS: Kind = {
  name: 'group',
  read: groupNamed,
  example: { 'TLSv1.2': 'X25519', 'TLSv1.3': 'X25519MLKEM768' },
};

/** The names in their standard form, or a text with the mistake. */
function chosen(
  given: readonly string[],
  { kind, versions }: { kind: Kind; versions: ReadonlySet<TlsVersion> },
): readonly string[] | string {
  const names = new Set<string>();
  const covered = new Set<TlsVersion>();
  const newest = versions.has('TLSv1.3') ? 'TLSv1.3' : 'TLSv1.2';
  for (const text of given) {
    const choice = kind.read(text);
    if ('refused' in choice) return `${choice.refused}: use ${kind.example[newest]}`;
    const usable = choice.versions.filter((each) => versions.has(each));
    if (usable.length === 0) return unusable(choice, kind.example[newest]);
    names.add(choice.name);
    for (const each of usable) covered.add(each);
  }
  for (const each of versions) {
    if (!covered.has(each)) return uncovered(each, { kind, versions });
  }
  return [...names];
}

function unusable({ name, versions }: { name: string; versions: readonly TlsVersion[] }, better: string) {
  const [needed = 'TLSv1.3'] = versions;
  const setting = needed === 'TLSv1.3' ? 'maxVersion' : 'minVersion';
  const word = short(needed);
  return `${name} works only with TLS ${word}, which tls.${setting} excludes: use ${better}, or set tls.${setting} to ${word}`;
}

function uncovered(
  version: TlsVersion,
  { kind, versions }: { kind: Kind; versions: ReadonlySet<TlsVersion> },
) {
  const [word, example] = [short(version), kind.example[version]];
  const isOldest = version === 'TLSv1.2';
  const exclude = isOldest ? 'set tls.minVersion to 1.3' : 'set tls.maxVersion to 1.2';
  const alternative = versions.size > 1 ? `, or ${exclude}` : '';
  return `no ${kind.name} in the list works with TLS ${word}: add ${example}${alternative}`;
}

function short(version: TlsVersion): string {
  return version.slice('TLSv'.length);
}
