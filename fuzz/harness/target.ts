// What is fuzzed: readers that must accept or refuse any octets, and the first inputs.
import type { Random } from './random.ts';

/** One reader. */
export interface FuzzReader {
  readonly name: string;
  /**
   * Whether it accepts nearly everything with the right outer form. Inputs that only this reader accepts do
   * not join the pool.
   */
  readonly isGeneral?: boolean;
  /**
   * Whether the reader accepts this input.
   * @throws the finding: an error that the reader must not throw, or a property that does not hold
   */
  accepts(input: Uint8Array): boolean;
}

/** Readers that share their inputs: each input is given to each of them. */
export interface FuzzTarget {
  readonly readers: readonly FuzzReader[];
  /** Valid inputs. */
  readonly corpus: readonly Uint8Array[];
  /** Changes that know the form of the inputs. */
  readonly mutate: FormMutation;
  /** Makes an input from nothing. Then no input is a change of another one. */
  readonly generate?: (random: Random) => Uint8Array;
  /** What one input has many of: `[20, 'decisions']`. */
  readonly each?: readonly [count: number, name: string];
}

/** A new input, made from this one and perhaps a part of a second one; undefined if it has another form. */
export type FormMutation = (input: Uint8Array, random: Random, other: Uint8Array) => Uint8Array | undefined;
