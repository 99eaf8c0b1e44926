// The signature of key configurations (RFC 9421), in one fixed form: over the status, the digest of the
// content (RFC 9530), where it was fetched, its epoch and its end. So a proxy can neither replace the keys,
// nor give old ones, nor those of another gateway. WebCrypto verifies it, in Node and in browsers.
import type { Bytes } from '../crypto/primitives.ts';
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

const EPOCH = 'gatehouse-key-epoch';
const EXPIRES = 'gatehouse-key-expires';
const CHAIN = 'gatehouse-key-chain';
const COMPONENTS = `("@status" "content-digest" "@authority";req "@path";req "${EPOCH}" "${EXPIRES}")`;
const PARAMETERS = /;created=(\d{1,12});keyid="(sha256\/[A-Za-z0-9+/]{43}=)";alg="ecdsa-p256-sha256"$/;
const MAX_CHAIN = 4;

/** What is signed. Times are in seconds since the epoch. */
export interface ConfigurationFacts {
  /** As the client addressed it, with its port: `gw.example:8443`. */
  authority: string;
  /** Grows with each new key. */
  epoch: number;
  expiresAt: number;
}

/** How it is signed. */
export interface ConfigurationSigner {
  /** `sha256/` and the base64 of the SHA-256 of the SPKI. */
  pin: string;
  /** DER, the certificate of the key first. */
  chain: readonly Uint8Array[];
  /** ECDSA with P-256 and SHA-256, in the form of IEEE P1363. */
  sign(data: Uint8Array): Uint8Array;
}

/**
 * The header fields of an answer with these keys, names and values in turn.
 * @example
 * const fields = await signConfiguration(octets, { authority, epoch, expiresAt }, { signer, createdAt });
 */
export async function signConfiguration(
  octets: Uint8Array,
  facts: ConfigurationFacts,
  { signer, createdAt }: { signer: ConfigurationSigner; createdAt: number },
): Promise<string[]> {
  const digest = await digestField(octets);
  const parameters = `${COMPONENTS};created=${createdAt};keyid="${signer.pin}";alg="ecdsa-p256-sha256"`;
  const signature = signer.sign(signatureBase({ ...facts, digest, parameters }));
  return [
    ...['Content-Digest', digest],
    ...['Gatehouse-Key-Epoch', String(facts.epoch)],
    ...['Gatehouse-Key-Expires', String(facts.expiresAt)],
    ...['Gatehouse-Key-Chain', signer.chain.map((one) => `:${one.toBase64()}:`).join(', ')],
    ...['Signature-Input', `keys=${parameters}`],
    ...['Signature', `keys=:${signature.toBase64()}:`],
  ];
}

/** Keys whose signature is right. The caller checks whose key signed them. */
export interface SignedConfiguration {
  configurations: KeyConfiguration[];
  epoch: number;
  expiresAt: number;
  /** `sha256/` and the base64 of the SHA-256 of the SPKI of the key that signed. */
  pin: string;
  /** DER, the certificate of the key that signed first. */
  chain: Bytes[];
}

/** An answer with keys: its header fields, its content, and the authority that was asked. */
export interface ConfigurationAnswer {
  field(name: string): string | null;
  octets: Uint8Array;
  authority: string;
}

/**
 * Verifies the signature.
 * @throws ObliviousError `ohttp_configuration_invalid` if it is missing, does not fit, or has ended
 * @example
 * const { pin, chain } = await readSignedConfiguration({ field, octets, authority }, Date.now());
 */
export async function readSignedConfiguration(
  { field, octets, authority }: ConfigurationAnswer,
  now: number,
): Promise<SignedConfiguration> {
  const required = (name: string) => field(name) ?? refuse(`The keys come without the field ${name}.`);
  const input = required('signature-input');
  const epoch = wholeNumber(required(EPOCH));
  const expiresAt = wholeNumber(required(EXPIRES));
  const chain = chainOf(required(CHAIN));
  const signature = octetsIn(/^keys=:([A-Za-z0-9+/=]{88}):$/.exec(required('signature'))?.[1]);
  const digest = await digestField(octets);
  if (required('content-digest') !== digest) refuse('The keys are not those that were signed.');
  const [, , keyId] = PARAMETERS.exec(input) ?? [];
  if (!input.startsWith(`keys=${COMPONENTS};`) || keyId === undefined) {
    refuse('The signature does not cover what it must.');
  }
  const spki = subjectPublicKey(chain[0] as Bytes);
  const pin = await pinOf(spki);
  if (pin !== keyId) refuse('The signature names another key.');
  const parameters = input.slice('keys='.length);
  const base = signatureBase({ authority, epoch, expiresAt, digest, parameters });
  if (!(await verifies(spki, signature, base))) refuse('The signature of the keys does not fit.');
  if (expiresAt * 1000 <= now) refuse('The keys have ended, or the clock of this machine is wrong.');
  return { configurations: readKeyConfigurations(octets), epoch, expiresAt, pin, chain };
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

/** RFC 9421 §2.5, with the lines in the order of `COMPONENTS`. */
function signatureBase(facts: ConfigurationFacts & { digest: string; parameters: string }): Bytes {
  const { authority, epoch, expiresAt, digest, parameters } = facts;
  const lines = [
    '"@status": 200',
    `"content-digest": ${digest}`,
    `"@authority";req: ${authority}`,
    `"@path";req: ${SEALED_REQUESTS_PATH}`,
    `"${EPOCH}": ${epoch}`,
    `"${EXPIRES}": ${expiresAt}`,
    `"@signature-params": ${parameters}`,
  ];
  return new TextEncoder().encode(lines.join('\n'));
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
    return refuse('A field is not in its form.');
  }
}

function wholeNumber(text: string): number {
  return /^(?:0|[1-9]\d{0,14})$/.test(text) ? Number(text) : refuse('The epoch or the end is no number.');
}

function refuse(detail: string): never {
  throw invalidConfiguration(detail);
}
