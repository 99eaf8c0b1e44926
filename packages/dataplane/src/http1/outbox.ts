// Collects all parts that one turn of the event loop writes to a connection (a head, parts of a body, its
// end), and sends them in one write. Frames the body in chunks if the caller chose that (RFC 9112 §7.1).
import type { Connection } from '../transport/transport.ts';
import type { FieldList } from './messages.ts';
import { writeLatin1 } from './octets.ts';
import { CHUNK_END, chunkHead, lastChunk } from './writer.ts';

/** Most writes fit into it. Connections take the octets before `write` returns, so all can share it. */
const SHARED = Buffer.allocUnsafeSlow(64 * 1024);

export class Outbox {
  readonly #connection: Pick<Connection, 'write'>;
  #head = '';
  #parts: Uint8Array[] = [];
  #octets = 0;
  /** How many of the parts are our own copies. */
  #kept = 0;
  #tail = '';
  #chunked = false;
  #clear = true;

  constructor(connection: Pick<Connection, 'write'>) {
    this.#connection = connection;
  }

  /** Whether the connection has no waiting octets. */
  get isClear(): boolean {
    return this.#clear;
  }

  /** Whether everything was flushed. */
  get isEmpty(): boolean {
    return this.#octets === 0 && this.#head === '' && this.#tail === '';
  }

  /** Start line and fields of a message, as Latin-1. Octets are borrowed until `flush`. */
  head(head: string | Uint8Array, chunked: boolean): void {
    if (typeof head === 'string') this.#head += head;
    else this.body(head);
    this.#chunked = chunked;
  }

  /** Part of the body. The octets are borrowed until `flush`. */
  body(octets: Uint8Array): void {
    if (octets.length === 0) return;
    this.#parts.push(octets);
    this.#octets += octets.length;
  }

  finish(trailers: FieldList): void {
    if (this.#chunked) this.#tail = lastChunk(trailers);
  }

  /** Returns false if octets wait in the connection. */
  flush(): boolean {
    let before = this.#head;
    let after = this.#tail;
    const octets = this.#octets;
    if (this.#chunked && octets > 0) {
      before += chunkHead(octets);
      after = CHUNK_END + after;
    }
    if (octets > 0) this.#clear = this.#connection.write(this.#takeBody(before, after));
    else if (before !== '' || after !== '') this.#clear = this.#connection.write(before + after);
    this.#head = '';
    this.#tail = '';
    return this.#clear;
  }

  /** Copies borrowed octets, so that `flush` can come later. Returns how many octets of the body wait. */
  keep(): number {
    const parts = this.#parts;
    for (; this.#kept < parts.length; this.#kept += 1) {
      parts[this.#kept] = new Uint8Array(parts[this.#kept] as Uint8Array);
    }
    return this.#octets;
  }

  /** The connection has sent everything. */
  drained(): void {
    this.#clear = true;
  }

  #takeBody(before: string, after: string): Uint8Array {
    const [first] = this.#parts;
    const isAlone = first?.length === this.#octets && before === '' && after === '';
    const body = isAlone ? first : this.#joined(before, after);
    this.#parts.length = 0;
    this.#octets = 0;
    this.#kept = 0;
    return body;
  }

  #joined(before: string, after: string): Uint8Array {
    const length = before.length + this.#octets + after.length;
    const joined = length <= SHARED.length ? SHARED.subarray(0, length) : Buffer.allocUnsafe(length);
    let at = before === '' ? 0 : writeLatin1(joined, before, 0);
    for (const part of this.#parts) {
      joined.set(part, at);
      at += part.length;
    }
    if (after !== '') writeLatin1(joined, after, at);
    return joined;
  }
}
