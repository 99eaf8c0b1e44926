// What is fuzzed: readers that must accept or refuse any octets, and the first inputs.

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
}
