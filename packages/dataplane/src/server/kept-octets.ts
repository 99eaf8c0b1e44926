// Octets that a client sent after the current request. They are read after the answer to that request,
// because requests of one connection are served in order (RFC 9112 §9.3.2).

/** After a pause, a transport delivers at most about this much. */
const MAX_OCTETS = 2 * 1024 * 1024;
/** Far more than any client pipelines. */
const MAX_REQUESTS = 100;
const HEAD_END = '\r\n\r\n';

export class KeptOctets {
  #parts: Uint8Array[] = [];
  #octets = 0;
  #requests = 0;

  get isEmpty(): boolean {
    return this.#octets === 0;
  }

  /** Returns false if there are too many. Does not count the octets of a tunnel as requests. */
  add(octets: Uint8Array, isTunnel: boolean): boolean {
    this.#parts.push(new Uint8Array(octets));
    this.#octets += octets.length;
    if (!isTunnel) this.#requests += countHeads(octets);
    return this.#octets <= MAX_OCTETS && this.#requests <= MAX_REQUESTS;
  }

  /** Returns all octets, oldest first, and removes them. */
  take(): Uint8Array {
    const [first] = this.#parts;
    const all = this.#parts.length === 1 && first ? first : Buffer.concat(this.#parts);
    this.clear();
    return all;
  }

  clear(): void {
    this.#parts = [];
    this.#octets = 0;
    this.#requests = 0;
  }
}

/** The approximate number of requests in the octets. */
function countHeads(octets: Uint8Array): number {
  const text = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
  let count = 0;
  for (let at = text.indexOf(HEAD_END); at >= 0; at = text.indexOf(HEAD_END, at + HEAD_END.length))
    count += 1;
  return count;
}
