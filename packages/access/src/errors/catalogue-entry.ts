// An entry of the catalogue of error codes. Codes are stable, because people and programs compare them.

export interface CatalogueEntry {
  /** The HTTP status of the problem (RFC 9457). */
  status: number;
  /** The same for every cause. */
  title: string;
  /** The meaning, in a sentence, for docs/errors.md. */
  means: string;
  /** The remedy, in a sentence, for docs/errors.md. */
  remedy: string;
  /** The type of the problem, if a standard has one. Default: a type with the code. */
  type?: string;
}
