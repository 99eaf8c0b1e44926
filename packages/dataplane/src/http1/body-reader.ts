// Reads a body by its framing (RFC 9112 §6): a length, chunks, or until the connection ends.
import { ChunkedReader } from './chunked-reader.ts';
import type { HeadRules } from './head-reader.ts';
import type { BodyFraming, FieldList } from './messages.ts';

export class BodyReader {
  isComplete = true;
  #kind: BodyFraming['kind'] = 'length';
  #left = 0;
  readonly #body: (octets: Uint8Array) => void;
  readonly #rules: HeadRules;
  /** Created for the first body in chunks. */
  #chunked: ChunkedReader | undefined;

  constructor(rules: HeadRules, body: (octets: Uint8Array) => void) {
    this.#rules = rules;
    this.#body = body;
  }

  get trailers(): FieldList {
    return this.#kind === 'chunked' ? (this.#chunked?.trailers ?? []) : [];
  }

  /** Whether only the end of the connection ends the body. */
  get endsWithConnection(): boolean {
    return this.#kind === 'close' && !this.isComplete;
  }

  start(framing: BodyFraming): void {
    this.#kind = framing.kind;
    this.#left = framing.kind === 'length' ? framing.length : Number.POSITIVE_INFINITY;
    this.isComplete = this.#left === 0;
    if (framing.kind === 'chunked') this.#restartChunks();
  }

  /**
   * Reads from `start` to the end of the body or of the octets. Returns that position.
   * @throws Http1Error
   */
  read(octets: Uint8Array, start: number): number {
    if (start === octets.length) return start;
    if (this.#kind === 'chunked' && this.#chunked !== undefined) {
      const end = this.#chunked.read(octets, start);
      this.isComplete = this.#chunked.isComplete;
      return end;
    }
    const end = Math.min(octets.length, start + this.#left);
    this.#left -= end - start;
    this.isComplete = this.#left === 0;
    this.#body(start === 0 && end === octets.length ? octets : octets.subarray(start, end));
    return end;
  }

  #restartChunks(): void {
    this.#chunked ??= new ChunkedReader(this.#rules, this.#body);
    this.#chunked.restart();
  }
}
