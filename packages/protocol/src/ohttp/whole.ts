// Oblivious HTTP with whole messages (RFC 9458 §4): `message/ohttp-req` and `message/ohttp-res`.
import { hpke } from '#hpke';
import type { MaybePromise } from '../crypto/primitives.ts';
import type { HpkeSuite } from '../hpke/suite.ts';
import type { ObliviousKey } from './exchange-keys.ts';
import type { KeyConfiguration } from './key-configuration.ts';
import type { ObliviousPlatform, OpenedRequest, SealedRequest } from './whole-messages.ts';
import { openWith, sealWith } from './whole-messages.ts';

export const ourPlatform: ObliviousPlatform = {
  hpke,
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
};

/**
 * Seals a request in Binary HTTP.
 * @example
 * const [best] = usableConfigurations(readKeyConfigurations(keys));
 * const { message, openResponse } = await sealRequest(best, padMessage(writeBinaryRequest(head)));
 */
export function sealRequest(
  target: { configuration: KeyConfiguration; suite: HpkeSuite },
  request: Uint8Array,
  platform: Pick<ObliviousPlatform, 'hpke'> = ourPlatform,
): Promise<SealedRequest> {
  return sealWith(platform, target, request);
}

/**
 * Opens a sealed request with one of the keys.
 * @throws ObliviousError, at once or as a rejection
 * @example
 * const { request, sealResponse } = await openRequest(keys, message);
 */
export function openRequest(
  keys: readonly ObliviousKey[],
  message: Uint8Array,
  platform: ObliviousPlatform = ourPlatform,
): MaybePromise<OpenedRequest> {
  return openWith(platform, keys, message);
}
