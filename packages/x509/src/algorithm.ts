// AlgorithmIdentifier (RFC 5280 §4.1.1.2), read without judging which algorithm it is.
import type { DerReader } from './der/read.ts';

/** Reads one AlgorithmIdentifier, with or without parameters, and hands over its octets. */
export function readAlgorithm(reader: DerReader): Uint8Array {
  return reader.capture((outer) =>
    outer.sequence((algorithm) => {
      algorithm.objectIdentifier();
      if (!algorithm.atEnd) algorithm.element();
    }),
  ).bytes;
}
