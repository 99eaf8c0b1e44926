// The head of a request to an upstream (RFC 9112 §3, §9.3). Repeated requests differ only in their id, so
// from the second one on, only the id is written again.
import type { FieldBlock } from '../http1/field-block.ts';
import type { FieldList } from '../http1/messages.ts';
import { writeLatin1 } from '../http1/octets.ts';
import { fieldLines } from '../http1/writer.ts';

export interface RequestParts {
  method: string;
  /** Path and query. */
  path: string;
  /** The value of Host. */
  host: string;
  /** These fields come first. They have no Host, and no framing except Content-Length. */
  passed: FieldBlock;
  /** These fields come next. */
  origin: FieldBlock;
  /** These fields come last, after X-Request-Id. */
  fields: FieldList;
  body: 'none' | 'known' | 'unknown';
  isWebSocket: boolean;
}

// Content has no meaning in other requests (RFC 9110 §9.3), so upstreams would read it as the next request.
const EXPECT_CONTENT = new Set(['POST', 'PUT', 'PATCH']);
const ID_NAME = 'X-Request-Id: ';

export class RequestTemplate {
  readonly method: string;
  readonly body: RequestParts['body'];
  readonly isWebSocket: boolean;
  /** Whether the connection may carry another request after this one. */
  readonly mayCarryMore: boolean;
  readonly #parts: RequestParts;
  #isUsed = false;
  /** The last head. */
  #octets: Uint8Array | undefined;
  #idAt = 0;
  #idLength = 0;

  constructor(parts: RequestParts) {
    const { method, body, isWebSocket } = parts;
    this.method = method;
    this.body = body;
    this.isWebSocket = isWebSocket;
    this.mayCarryMore = !isWebSocket && (body === 'none' || EXPECT_CONTENT.has(method));
    this.#parts = parts;
  }

  /** Text, or octets that are valid until the next call. */
  head(id: string): string | Uint8Array {
    if (this.#octets && id.length === this.#idLength) {
      writeLatin1(this.#octets, id, this.#idAt);
      return this.#octets;
    }
    const before = this.#beforeId();
    const head = before + id + this.#afterId();
    // Text, because a body and its head are sent in one write, so the head is copied anyway.
    if (this.#isUsed && this.body === 'none') this.#keep(head, before.length, id.length);
    this.#isUsed = true;
    return head;
  }

  #beforeId(): string {
    const { method, path, host, passed, origin } = this.#parts;
    return `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${passed.lines}${origin.lines}${ID_NAME}`;
  }

  #afterId(): string {
    let rest = `\r\n${fieldLines(this.#parts.fields)}`;
    if (this.body === 'unknown') rest += 'Transfer-Encoding: chunked\r\n';
    if (this.isWebSocket) rest += 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
    else if (!this.mayCarryMore) rest += 'Connection: close\r\n';
    return `${rest}\r\n`;
  }

  #keep(head: string, idAt: number, idLength: number): void {
    this.#octets = new Uint8Array(head.length);
    writeLatin1(this.#octets, head, 0);
    this.#idAt = idAt;
    this.#idLength = idLength;
  }
}
