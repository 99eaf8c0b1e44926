// What is known about an error code. Codes are stable, because people and programs compare them.

export interface CatalogueEntry {
  /** The HTTP status of the problem (RFC 9457). */
  status: number;
  /** It never varies with the cause. */
  title: string;
  /** The meaning, in a sentence, for docs/errors.md. */
  means: string;
  /** The remedy, in a sentence, for docs/errors.md. */
  remedy: string;
  /** The type of the problem, if a standard has one. Default: made of the code. */
  type?: string;
}
