// AlgorithmIdentifier (RFC 5280 §4.1.1.2). Accepts any algorithm.
import type { DerReader } from './der/read.ts';

/** An algorithm: its object identifier, and its parameters in DER. */
export interface AlgorithmIdentifier {
  readonly oid: string;
  readonly parameters: Uint8Array | undefined;
}

/** Reads one AlgorithmIdentifier into its parts. */
export function readAlgorithmIdentifier(reader: DerReader): AlgorithmIdentifier {
  return reader.sequence((algorithm) => ({
    oid: algorithm.objectIdentifier(),
    parameters: algorithm.atEnd ? undefined : algorithm.element().bytes,
  }));
}

/** Reads one AlgorithmIdentifier, with or without parameters, and returns its octets. */
export function readAlgorithm(reader: DerReader): Uint8Array {
  return reader.capture((outer) =>
    outer.sequence((algorithm) => {
      algorithm.objectIdentifier();
      if (!algorithm.atEnd) algorithm.element();
    }),
  ).bytes;
}
