// The signature of key configurations (RFC 9421), in one fixed form: over the status, the digest of the
// content (RFC 9530), the place where it was fetched, its epoch and its expiry. So a proxy cannot replace the
// keys, and cannot send old ones or those of another gateway. sign-configuration.ts writes it. WebCrypto
// verifies it, in Node and in browsers. It reads only this form, because a reader of all forms would double
// the code that a page loads.
import type { Bytes } from '../crypto/primitives.ts';
import { type BaseLine, baseText } from '../message-signatures/base-text.ts';
import { invalidConfiguration } from './errors.ts';
import type { KeyConfiguration } from './key-configuration.ts';
import { readKeyConfigurations } from './key-configuration.ts';
import { subjectPublicKey } from './subject-public-key.ts';

/**
 * Where gateways offer their keys and take sealed requests (RFC 9540 §4).
 * @example
 * const url = new URL(SEALED_REQUESTS_PATH, gateway);
 */
export const SEALED_REQUESTS_PATH = '/.well-known/ohttp-gateway';

export const EPOCH_FIELD = 'gatehouse-key-epoch';
export const EXPIRES_FIELD = 'gatehouse-key-expires';
const CHAIN_FIELD = 'gatehouse-key-chain';
const PARAMETERS =
  /^keys=(.*;created=\d{1,12};alg="ecdsa-p256-sha256";keyid="(sha256\/[A-Za-z0-9+/]{43}=)")$/;
const MAX_CHAIN = 4;

/** Keys with a valid signature. The caller checks the signer. */
export interface SignedConfiguration {
  configurations: KeyConfiguration[];
  epoch: number;
  expiresAt: number;
  /** `sha256/` and the base64 of the SHA-256 of the SPKI of the key that signed. */
  pin: string;
  /** DER, the certificate of the key that signed first. */
  chain: Bytes[];
}

/** An answer with keys: its header fields, its content, and the authority of the request. */
export interface ConfigurationAnswer {
  field(name: string): string | null;
  octets: Uint8Array;
  authority: string;
}

/**
 * Verifies the signature.
 * @throws ObliviousError `ohttp_configuration_invalid` if it is missing, invalid, or expired
 * @example
 * const { pin, chain } = await readSignedConfiguration({ field, octets, authority }, Date.now());
 */
export async function readSignedConfiguration(
  { field, octets, authority }: ConfigurationAnswer,
  now: number,
): Promise<SignedConfiguration> {
  const required = (name: string) => field(name) ?? refuse(`The keys come without the field ${name}.`);
  const epoch = required(EPOCH_FIELD);
  const expires = required(EXPIRES_FIELD);
  const expiresAt = wholeNumber(expires);
  const chain = chainOf(required(CHAIN_FIELD));
  const signature = octetsIn(/^keys=:([A-Za-z0-9+/=]{88}):$/.exec(required('signature'))?.[1]);
  const digest = await digestField(octets);
  if (required('content-digest') !== digest) refuse('The keys do not match the signed digest.');
  const lines = signedLines({ authority, digest, epoch, expires });
  const covered = `(${lines.map(([identifier]) => identifier).join(' ')})`;
  const [, parameters = '', keyId] = PARAMETERS.exec(required('signature-input')) ?? [];
  if (!parameters.startsWith(`${covered};`)) refuse('The signature does not cover all required components.');
  const spki = subjectPublicKey(chain[0] as Bytes);
  const pin = await pinOf(spki);
  if (pin !== keyId) refuse('The signature names another key.');
  const base = new TextEncoder().encode(baseText(lines, parameters));
  if (!(await verifies(spki, signature, base))) refuse('The signature of the keys is not valid.');
  if (expiresAt * 1000 <= now) refuse('The keys have expired, or the clock of this machine is wrong.');
  return { configurations: readKeyConfigurations(octets), epoch: wholeNumber(epoch), expiresAt, pin, chain };
}

/**
 * A pin for people: eight groups of five digits, to compare by telephone.
 * @example
 * pinDigits('sha256/…'); // '01234 56789 …'
 */
export function pinDigits(pin: string): string {
  const octets = Uint8Array.fromBase64(pin.replace('sha256/', '')).subarray(0, 24);
  return Array.from({ length: 8 }, (_, group) => {
    const [high = 0, middle = 0, low = 0] = octets.subarray(group * 3, group * 3 + 3);
    return String((high * 65_536 + middle * 256 + low) % 100_000).padStart(5, '0');
  }).join(' ');
}

type SignedTexts = Record<'authority' | 'digest' | 'epoch' | 'expires', string>;

/** RFC 9421 §2.5: always the same components, in the same order. */
function signedLines({ authority, digest, epoch, expires }: SignedTexts): BaseLine[] {
  return [
    ['"@status"', '200'],
    ['"content-digest"', digest],
    ['"@authority";req', authority],
    ['"@path";req', SEALED_REQUESTS_PATH],
    [`"${EPOCH_FIELD}"`, epoch],
    [`"${EXPIRES_FIELD}"`, expires],
  ];
}

/** RFC 9530 §2. */
async function digestField(octets: Uint8Array): Promise<string> {
  return `sha-256=:${(await sha256(octets)).toBase64()}:`;
}

async function pinOf(spki: Uint8Array): Promise<string> {
  return `sha256/${(await sha256(spki)).toBase64()}`;
}

async function sha256(octets: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(octets)));
}

async function verifies(spki: Bytes, signature: Bytes, base: Bytes): Promise<boolean> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  try {
    const key = await crypto.subtle.importKey('spki', spki, algorithm, false, ['verify']);
    return await crypto.subtle.verify(algorithm, key, signature, base);
  } catch {
    return false;
  }
}

/** A list of byte sequences (RFC 8941 §3.1, §3.3.5). */
function chainOf(field: string): Bytes[] {
  const items = field.split(', ').map((item) => octetsIn(/^:([A-Za-z0-9+/=]+):$/.exec(item)?.[1]));
  return items.length <= MAX_CHAIN ? items : refuse('The chain of the keys is too long.');
}

function octetsIn(base64: string | undefined): Bytes {
  try {
    return Uint8Array.fromBase64(base64 ?? '!', { lastChunkHandling: 'strict' });
  } catch {
    return refuse('A field does not have the required form.');
  }
}

function wholeNumber(text: string): number {
  return /^(?:0|[1-9]\d{0,14})$/.test(text)
    ? Number(text)
    : refuse('The epoch or the expiry is not a number.');
}

function refuse(detail: string): never {
  throw invalidConfiguration(detail);
}
