// How sums are computed.
import type { CheckAlgorithm, HashInput } from '@gatehouse/client/hash';
import type { CliProcess } from '../../process.ts';

/** Computes and checks the sum of a file: by a hash function, with or without a key. */
export interface Summer {
  algorithm: CheckAlgorithm;
  make(input: HashInput): Promise<string>;
  check(input: HashInput, expected: string): Promise<boolean>;
}

/** Standard input is `-`. */
export function inputOf(path: string, { stdin }: CliProcess): HashInput {
  return path === '-' ? stdin : { file: path };
}
