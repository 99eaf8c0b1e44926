// The common part of both forms of Oblivious HTTP: the header of a request (RFC 9458 §4.1), its context, and
// the key and nonce of its answer (§4.4). An answer is bound to its request, because both derive from the
// same secret.
import { ascii, concatBytes, uint16s } from '../bytes.ts';
import type { Bytes, MaybePromise } from '../crypto/primitives.ts';
import { after } from '../hpke/key-schedule.ts';
import type { Aead, HpkeBackEnd, HpkeKey, HpkeRecipient, HpkeSender, HpkeSuite } from '../hpke/suite.ts';
import { AEAD_SIZES, aeadSizes, KEM_SIZES } from '../hpke/suite.ts';
import { invalidSealed, ObliviousError } from './errors.ts';
import type { KeyConfiguration } from './key-configuration.ts';

/** The labels of a form. */
export interface Form {
  readonly request: string;
  readonly response: string;
}

/** RFC 9458 §4.3, §4.4. */
export const WHOLE: Form = { request: 'message/bhttp request', response: 'message/bhttp response' };
/** draft-ietf-ohai-chunked-ohttp-08 §6. */
export const CHUNKED: Form = {
  request: 'message/bhttp chunked request',
  response: 'message/bhttp chunked response',
};

/** A key of a gateway: its private key, and its algorithms. */
export interface ObliviousKey extends Pick<KeyConfiguration, 'id' | 'algorithms'> {
  key: HpkeKey;
}

const HEADER = 7;
export const NO_OCTETS = new Uint8Array(0);
/** The additional data of the last chunk. */
export const FINAL = ascii('final');

function header(id: number, { kem, kdf, aead }: HpkeSuite): Bytes {
  return concatBytes(Uint8Array.of(id), uint16s(kem, kdf, aead));
}

function infoOf({ request }: Form, head: Uint8Array): Bytes {
  return concatBytes(ascii(request), Uint8Array.of(0), head);
}

export interface SealingExchange {
  /** The header and the encapsulated secret. */
  head: Bytes;
  sender: HpkeSender;
  suite: HpkeSuite;
}

/** The client's side. */
export async function beginExchange(
  hpke: HpkeBackEnd,
  form: Form,
  { configuration, suite }: { configuration: KeyConfiguration; suite: HpkeSuite },
): Promise<SealingExchange> {
  const head = header(configuration.id, suite);
  const sender = await hpke.setupSender(suite, configuration.publicKey, infoOf(form, head));
  return { head: concatBytes(head, sender.encapsulated), sender, suite };
}

export interface OpeningExchange {
  recipient: HpkeRecipient;
  encapsulated: Bytes;
  suite: HpkeSuite;
}

/**
 * The length of the header and the encapsulated secret of a request; undefined if more octets are needed.
 * @example
 * const length = headLength(octets);
 */
export function headLength(octets: Uint8Array): number | undefined {
  if (octets.length < HEADER) return undefined;
  const sizes = KEM_SIZES[uint16At(octets, 1)];
  if (!sizes) throw invalidSealed();
  return HEADER + sizes.secret;
}

/**
 * The gateway's side. `head` is the header and the encapsulated secret. Throws `ObliviousError`, or rejects
 * with it.
 */
export function acceptExchange(
  hpke: HpkeBackEnd,
  form: Form,
  { keys, head }: { keys: readonly ObliviousKey[]; head: Uint8Array },
): MaybePromise<OpeningExchange> {
  const id = head[0] as number;
  const suite = { kem: uint16At(head, 1), kdf: uint16At(head, 3), aead: uint16At(head, 5) };
  const found = keys.find((one) => one.id === id && one.key.kem === suite.kem);
  if (!found) throw new ObliviousError('ohttp_unknown_key', 'The sealed message is for an unknown key.');
  if (!found.algorithms.some(({ kdf, aead }) => kdf === suite.kdf && aead === suite.aead))
    throw invalidSealed();
  const encapsulated = head.slice(HEADER);
  const info = infoOf(form, head.subarray(0, HEADER));
  return after(hpke.setupRecipient(suite, found.key, { encapsulated, info }), (recipient) => ({
    recipient,
    encapsulated,
    suite,
  }));
}

/** The length of the nonce of an answer (RFC 9458 §4.4). */
export function nonceLength({ aead }: HpkeSuite): number {
  const sizes = AEAD_SIZES[aead];
  if (!sizes) throw invalidSealed();
  return Math.max(sizes.key, sizes.nonce);
}

export interface AnswerKeys {
  aead: Aead;
  nonce: Bytes;
}

/** RFC 9458 §4.4. */
export function answerKeys(
  hpke: HpkeBackEnd,
  form: Form,
  { exporter, encapsulated, suite, answerNonce }: AnswerSecrets,
): MaybePromise<AnswerKeys> {
  const { key, nonce } = aeadSizes(suite.aead);
  const salt = concatBytes(encapsulated, answerNonce);
  return after(exporter.exportSecret(ascii(form.response), nonceLength(suite)), (secret) =>
    after(hpke.extract(salt, secret), (prk) =>
      after(hpke.expand(prk, ascii('key'), key), (answerKey) =>
        after(hpke.expand(prk, ascii('nonce'), nonce), (aeadNonce) => ({
          aead: hpke.aead(suite.aead, answerKey),
          nonce: aeadNonce,
        })),
      ),
    ),
  );
}

export interface AnswerSecrets {
  exporter: Pick<HpkeSender, 'exportSecret'>;
  encapsulated: Uint8Array;
  suite: HpkeSuite;
  answerNonce: Uint8Array;
}

function uint16At(octets: Uint8Array, at: number): number {
  return (octets[at] as number) * 256 + (octets[at + 1] as number);
}
