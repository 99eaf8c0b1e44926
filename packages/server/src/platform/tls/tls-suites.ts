// The cipher suites and groups that our listeners may use, and why the others are refused (RFC 9325, RFC
// 8996). Suites of TLS 1.2 have the name of OpenSSL. The name of IANA is accepted, too.

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

/** In the order of preference. */
export const SUITES_13 = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
] as const;

/** In the order of preference: only ECDHE with AEAD (RFC 9325 §4.2). */
export const SUITES_12 = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-RSA-CHACHA20-POLY1305',
] as const;

/** In the order of preference. */
export const DEFAULT_GROUPS = ['X25519MLKEM768', 'X25519', 'P-256', 'P-384'] as const;

interface Group {
  name: string;
  /** Other names, in lower case. */
  aliases: readonly string[];
  /** Hybrids are defined for TLS 1.3 only (draft-ietf-tls-ecdhe-mlkem). */
  versions: readonly TlsVersion[];
}

const BOTH: readonly TlsVersion[] = ['TLSv1.2', 'TLSv1.3'];
const ONLY_13: readonly TlsVersion[] = ['TLSv1.3'];
const GROUPS: readonly Group[] = [
  { name: 'X25519MLKEM768', aliases: [], versions: ONLY_13 },
  { name: 'SecP256r1MLKEM768', aliases: [], versions: ONLY_13 },
  { name: 'SecP384r1MLKEM1024', aliases: [], versions: ONLY_13 },
  { name: 'X25519', aliases: ['curve25519'], versions: BOTH },
  { name: 'X448', aliases: ['curve448'], versions: BOTH },
  { name: 'P-256', aliases: ['secp256r1', 'prime256v1'], versions: BOTH },
  { name: 'P-384', aliases: ['secp384r1'], versions: BOTH },
  { name: 'P-521', aliases: ['secp521r1'], versions: BOTH },
];

/** A known suite or group, or the reason why it is refused. */
export type Choice = { name: string; versions: readonly TlsVersion[] } | { refused: string };

export function suiteNamed(text: string): Choice {
  const upper = text.trim().toUpperCase();
  if (SUITES_13.some((name) => name === upper)) return { name: upper, versions: ONLY_13 };
  const name = SUITES_12.find((known) => known === upper || ianaName(known) === upper);
  if (name) return { name, versions: ['TLSv1.2'] };
  return { refused: `${quoted(text)} ${suiteFlaw(upper)}` };
}

export function groupNamed(text: string): Choice {
  const lower = text.trim().toLowerCase();
  const group = GROUPS.find(({ name, aliases }) => name.toLowerCase() === lower || aliases.includes(lower));
  if (group) return { name: group.name, versions: group.versions };
  return { refused: `${quoted(text)} ${groupFlaw(lower)}` };
}

/** `ECDHE-RSA-AES128-GCM-SHA256` is `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`. */
function ianaName(name: string): string {
  const [exchange, signature, ...cipher] = name.split('-');
  const text = cipher.join('_').replace(/AES(\d+)/, 'AES_$1');
  return `TLS_${exchange}_${signature}_WITH_${text}${text.includes('POLY1305') ? '_SHA256' : ''}`;
}

// The first match explains the refusal.
const SUITE_FLAWS: readonly [RegExp, string][] = [
  [/NULL/, 'encrypts nothing'],
  [/EXP(?:ORT)?/, 'has an export key, which anyone can find'],
  [/ANON|^A(?:EC)?DH/, 'is anonymous: it does not prove who the server is'],
  [/RC4/, 'uses RC4, which is broken (RFC 7465)'],
  [/DES/, 'uses DES or 3DES, whose blocks of 64 bits leak data (RFC 9325 §4.1)'],
  [/MD5/, 'uses MD5, which is broken'],
  [/CCM_?8/, 'has an authentication tag of only 64 bits'],
  [/PSK|SRP/, 'needs a shared secret, but this server uses certificates'],
  [
    /CBC|(?:AES|CAMELLIA|ARIA|SEED|IDEA)[\d-]*-SHA\d*$/,
    'uses CBC, which padding oracles have broken (RFC 9325 §4.2)',
  ],
  [
    /^TLS_RSA_|^(?:RSA-)?AES/,
    'has no forward secrecy: one stolen key decrypts all recorded connections (RFC 9325 §4.1)',
  ],
  [
    /^TLS_ECDH_|^ECDH-/,
    'has no forward secrecy: one stolen key decrypts all recorded connections (RFC 9325 §4.1)',
  ],
  [/DHE(?=[_-])(?<!ECDHE)/, 'uses finite-field Diffie-Hellman, which many servers implement wrongly'],
];

function suiteFlaw(upper: string): string {
  const [, flaw] = SUITE_FLAWS.find(([pattern]) => pattern.test(upper)) ?? [];
  return flaw ?? 'is not the name of a suite that this server knows';
}

// Security strengths: NIST SP 800-57 part 1, table 2.
function groupFlaw(lower: string): string {
  if (/^ffdhe/.test(lower)) return 'is finite-field Diffie-Hellman, which is slow here and rarely offered';
  const bits = Number(/(?:secp|sect|prime|p-|brainpoolp)(\d{3})/.exec(lower)?.[1]);
  if (bits < 256) return `has less than 128 bits of security (${Math.floor(bits / 2)})`;
  return 'is not the name of a group that this server knows';
}

const LONGEST_QUOTE = 60;

function quoted(text: string): string {
  if (text.trim() === '') return 'an empty name';
  return text.length <= LONGEST_QUOTE ? text : `${text.slice(0, LONGEST_QUOTE)}…`;
}
