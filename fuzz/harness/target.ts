// What is fuzzed: readers that are to take or refuse any octets, and octets to begin with.

/** One reader. */
export interface FuzzReader {
  readonly name: string;
  /** It takes nearly everything that has the outer form: what it alone takes is nothing to build upon. */
  readonly isGeneral?: boolean;
  /**
   * Whether the reader takes this input. It refuses by `false`.
   * @throws whatever is to be reported: an error that the reader should not throw, or a property that does not hold
   */
  takes(input: Uint8Array): boolean;
}

/** Readers that share a corpus: every input is given to each of them. */
export interface FuzzTarget {
  readonly readers: readonly FuzzReader[];
  /** Valid inputs. */
  readonly corpus: readonly Uint8Array[];
}
