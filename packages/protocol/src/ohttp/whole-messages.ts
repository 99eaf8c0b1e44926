// Whole messages of Oblivious HTTP (RFC 9458 §4), on a given platform.

import { concatBytes } from '../bytes.ts';
import type { Bytes, MaybePromise, RandomBytes } from '../crypto/primitives.ts';
import { after } from '../hpke/key-schedule.ts';
import type { HpkeBackEnd, HpkeSuite } from '../hpke/suite.ts';
import { HpkeError, TAG_LENGTH } from '../hpke/suite.ts';
import { invalidSealed } from './errors.ts';
import type { ObliviousKey } from './exchange-keys.ts';
import {
  acceptExchange,
  answerKeys,
  beginExchange,
  headLength,
  NO_OCTETS,
  nonceLength,
  WHOLE,
} from './exchange-keys.ts';
import type { KeyConfiguration } from './key-configuration.ts';

/** A request that only the gateway can open, and the way to open its answer. */
export interface SealedRequest {
  message: Bytes;
  /** Rejects with `ObliviousError` if it is not the answer to this request. */
  openResponse(message: Uint8Array): Promise<Bytes>;
}

/** An opened request, and the way to seal its answer. */
export interface OpenedRequest {
  request: Bytes;
  /** Unique for each request. */
  encapsulated: Bytes;
  /** Call it once: answers of one request must not share a nonce. */
  sealResponse(response: Uint8Array): MaybePromise<Bytes>;
}

/** Values of a test, which replace those of the platform. */
export interface ObliviousPlatform {
  hpke: HpkeBackEnd;
  randomBytes: RandomBytes;
}

/** As `sealRequest`, on any platform. */
export async function sealWith(
  { hpke }: Pick<ObliviousPlatform, 'hpke'>,
  target: { configuration: KeyConfiguration; suite: HpkeSuite },
  request: Uint8Array,
): Promise<SealedRequest> {
  const { head, sender, suite } = await beginExchange(hpke, WHOLE, target);
  const message = concatBytes(head, await sender.seal(request));
  const length = nonceLength(suite);
  return {
    message,
    async openResponse(sealed) {
      if (sealed.length < length + TAG_LENGTH) throw invalidSealed();
      const answerNonce = sealed.subarray(0, length);
      const { encapsulated } = sender;
      const secrets = { exporter: sender, encapsulated, suite, answerNonce };
      const { aead, nonce } = await answerKeys(hpke, WHOLE, secrets);
      return opened(async () => aead.open(nonce, sealed.subarray(length), NO_OCTETS));
    },
  };
}

/** As `openRequest`, on any platform. */
export function openWith(
  { hpke, randomBytes }: ObliviousPlatform,
  keys: readonly ObliviousKey[],
  message: Uint8Array,
): MaybePromise<OpenedRequest> {
  const length = headLength(message);
  if (length === undefined || message.length < length + TAG_LENGTH) throw invalidSealed();
  return opened(() =>
    after(
      acceptExchange(hpke, WHOLE, { keys, head: message.subarray(0, length) }),
      ({ recipient, encapsulated, suite }) =>
        after(recipient.open(message.subarray(length)), (request) => ({
          request,
          encapsulated,
          sealResponse(response: Uint8Array) {
            const answerNonce = randomBytes(nonceLength(suite));
            const secrets = { exporter: recipient, encapsulated, suite, answerNonce };
            return after(answerKeys(hpke, WHOLE, secrets), ({ aead, nonce }) =>
              after(aead.seal(nonce, response, NO_OCTETS), (sealed) => concatBytes(answerNonce, sealed)),
            );
          },
        })),
    ),
  );
}

/** Replaces errors of HPKE with ours. */
export function opened<T>(work: () => MaybePromise<T>): MaybePromise<T> {
  try {
    const value = work();
    return value instanceof Promise ? value.catch(refuse) : value;
  } catch (error) {
    return refuse(error);
  }
}

function refuse(error: unknown): never {
  throw error instanceof HpkeError ? invalidSealed() : error;
}
