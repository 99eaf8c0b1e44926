// Key configurations of Oblivious HTTP (RFC 9458 §3), and lists of them (`application/ohttp-keys`, §3.2). The
// reader also accepts unknown algorithms, and the client chooses.
import { concatBytes, uint16s } from '../bytes.ts';
import type { Bytes } from '../crypto/primitives.ts';
import type { HpkeSuite } from '../hpke/suite.ts';
import {
  AEAD_AES_128_GCM,
  AEAD_AES_256_GCM,
  AEAD_CHACHA20_POLY1305,
  KDF_HKDF_SHA256,
  KEM_SIZES,
  KEM_X_WING,
  KEM_X25519,
} from '../hpke/suite.ts';
import { invalidConfiguration } from './errors.ts';

/**
 * The media type of a list of key configurations.
 * @example
 * headers.set('accept', KEYS_MEDIA_TYPE);
 */
export const KEYS_MEDIA_TYPE = 'application/ohttp-keys';

/** The public key of a gateway, and its algorithms. */
export interface KeyConfiguration {
  /** From 0 to 255. */
  id: number;
  kem: number;
  publicKey: Uint8Array;
  algorithms: readonly Pick<HpkeSuite, 'kdf' | 'aead'>[];
}

/**
 * The algorithms that our keys are offered with, the best first.
 * @example
 * const configuration = { id: 1, kem: KEM_X_WING, publicKey, algorithms: OFFERED_ALGORITHMS };
 */
export const OFFERED_ALGORITHMS: KeyConfiguration['algorithms'] = [
  { kdf: KDF_HKDF_SHA256, aead: AEAD_AES_256_GCM },
  { kdf: KDF_HKDF_SHA256, aead: AEAD_CHACHA20_POLY1305 },
  { kdf: KDF_HKDF_SHA256, aead: AEAD_AES_128_GCM },
];

const MAX_CONFIGURATIONS = 16;
const HEADER = 3;

/**
 * The list that a gateway offers.
 * @example
 * const octets = writeKeyConfigurations([{ id: 1, kem: KEM_X_WING, publicKey, algorithms }]);
 */
export function writeKeyConfigurations(configurations: readonly KeyConfiguration[]): Bytes {
  const all = configurations.map(writeKeyConfiguration);
  return concatBytes(...all.flatMap((one) => [uint16s(one.length), one]));
}

/** One configuration, without its length. */
export function writeKeyConfiguration({ id, kem, publicKey, algorithms }: KeyConfiguration): Bytes {
  const list = uint16s(...algorithms.flatMap(({ kdf, aead }) => [kdf, aead]));
  return concatBytes(Uint8Array.of(id), uint16s(kem), publicKey, uint16s(list.length), list);
}

/**
 * Reads a list. Leaves out configurations with an unknown KEM, because the length of their keys is unknown.
 * @throws ObliviousError `ohttp_configuration_invalid`
 * @example
 * const [best] = usableConfigurations(readKeyConfigurations(octets));
 */
export function readKeyConfigurations(octets: Uint8Array): KeyConfiguration[] {
  const configurations: KeyConfiguration[] = [];
  for (let at = 0, count = 0; at < octets.length; count++) {
    if (count === MAX_CONFIGURATIONS) throw invalidConfiguration('The list has too many key configurations.');
    const length = uint16At(octets, at);
    const end = at + 2 + length;
    if (end > octets.length) throw invalidConfiguration('A key configuration is not complete.');
    const configuration = readKeyConfiguration(octets.subarray(at + 2, end));
    if (configuration) configurations.push(configuration);
    at = end;
  }
  return configurations;
}

/** One configuration, without its length; undefined if its KEM is unknown. */
export function readKeyConfiguration(octets: Uint8Array): KeyConfiguration | undefined {
  if (octets.length < HEADER) throw invalidConfiguration('A key configuration is not complete.');
  const id = octets[0] as number;
  const kem = uint16At(octets, 1);
  const sizes = KEM_SIZES[kem];
  if (!sizes) return undefined;
  const keyEnd = HEADER + sizes.publicKey;
  const listLength = uint16At(octets, keyEnd);
  if (listLength === 0 || listLength % 4 !== 0 || keyEnd + 2 + listLength !== octets.length) {
    throw invalidConfiguration('A key configuration has a list of algorithms of a wrong length.');
  }
  const algorithms = Array.from({ length: listLength / 4 }, (_, index) => {
    const at = keyEnd + 2 + index * 4;
    return { kdf: uint16At(octets, at), aead: uint16At(octets, at + 2) };
  });
  return { id, kem, publicKey: octets.slice(HEADER, keyEnd), algorithms };
}

/**
 * The configurations that can be used, post-quantum first, each with its best algorithms.
 * @example
 * const [best] = usableConfigurations(readKeyConfigurations(octets));
 */
export function usableConfigurations(
  configurations: readonly KeyConfiguration[],
): { configuration: KeyConfiguration; suite: HpkeSuite }[] {
  return [KEM_X_WING, KEM_X25519].flatMap((kem) =>
    configurations
      .filter((configuration) => configuration.kem === kem)
      .flatMap((configuration) => {
        const best = OFFERED_ALGORITHMS.find(({ kdf, aead }) =>
          configuration.algorithms.some((one) => one.kdf === kdf && one.aead === aead),
        );
        return best ? [{ configuration, suite: { kem, ...best } }] : [];
      }),
  );
}

function uint16At(octets: Uint8Array, at: number): number {
  const [high, low] = [octets[at], octets[at + 1]];
  if (high === undefined || low === undefined)
    throw invalidConfiguration('A key configuration is not complete.');
  return high * 256 + low;
}
