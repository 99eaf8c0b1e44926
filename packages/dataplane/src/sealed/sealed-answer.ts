// The ways to seal an answer: whole, and in chunks while it arrives.
import type { ChunkSealer } from '@gatehouse/protocol';
import {
  beginBinaryResponse,
  binaryContent,
  CHUNKED_RESPONSE_MEDIA_TYPE,
  endBinaryMessage,
  MAX_CHUNK,
  paddedLength,
  padMessage,
  RESPONSE_MEDIA_TYPE,
  writeBinaryResponse,
} from '@gatehouse/protocol';
import type { AnswerHead, ClientStream } from '../exchange/client-stream.ts';
import type { FieldList } from '../http1/messages.ts';
import type { HeldOctets } from './held-octets.ts';
import { InOrder } from './in-order.ts';

/** Seals an answer, and writes it to the connection. */
export interface SealedAnswer {
  head(status: number, fields: FieldList): void;
  /** Throws if the answer is too large for this way. */
  content(octets: Uint8Array): void;
  finish(trailers: FieldList): void;
  /** Whether the connection has taken everything. */
  readonly isIdle: boolean;
  whenIdle(then: () => void): void;
  /** Releases its memory, also for an unfinished answer. */
  close(): void;
}

type Outer = Pick<ClientStream, 'answer' | 'write' | 'finish' | 'flush' | 'cut'>;

/** The length of its content reveals only the size bucket of the answer. */
export class WholeAnswer implements SealedAnswer {
  readonly #outer: Outer;
  readonly #seal: (response: Uint8Array) => Uint8Array | Promise<Uint8Array>;
  readonly #held: HeldOctets;
  readonly #work = new InOrder();
  #status = 0;
  #fields: FieldList = [];

  constructor(
    outer: Outer,
    seal: (response: Uint8Array) => Uint8Array | Promise<Uint8Array>,
    held: HeldOctets,
  ) {
    this.#outer = outer;
    this.#seal = seal;
    this.#held = held;
  }

  get isIdle(): boolean {
    return !this.#work.isBusy;
  }

  whenIdle(then: () => void): void {
    this.#work.whenIdle(then);
  }

  close(): void {
    this.#held.release();
  }

  head(status: number, fields: FieldList): void {
    this.#status = status;
    this.#fields = fields;
  }

  content(octets: Uint8Array): void {
    this.#held.add(octets);
  }

  finish(trailers: FieldList): void {
    const head = { status: this.#status, fields: this.#fields };
    this.#work.run(
      () => this.#seal(padMessage(writeBinaryResponse(head, this.#held.whole(), trailers))),
      (sealed) => {
        this.#held.release();
        this.#outer.answer(outerHead(RESPONSE_MEDIA_TYPE, sealed.length));
        this.#outer.write(sealed);
        this.#outer.finish([]);
      },
      () => this.#outer.cut(),
    );
  }
}

/**
 * Each part is sent when it arrives. An observer sees the lengths of the parts, but only the size bucket of
 * the whole.
 */
export class ChunkedAnswer implements SealedAnswer {
  readonly #outer: Outer;
  readonly #respond: () => ChunkSealer | Promise<ChunkSealer>;
  readonly #work = new InOrder();
  #sealer: ChunkSealer | undefined;
  #length = 0;

  constructor(outer: Outer, respond: () => ChunkSealer | Promise<ChunkSealer>) {
    this.#outer = outer;
    this.#respond = respond;
  }

  get isIdle(): boolean {
    return !this.#work.isBusy;
  }

  whenIdle(then: () => void): void {
    this.#work.whenIdle(then);
  }

  close(): void {}

  head(status: number, fields: FieldList): void {
    this.#work.run(
      this.#respond,
      (sealer) => {
        this.#sealer = sealer;
        this.#outer.answer(outerHead(CHUNKED_RESPONSE_MEDIA_TYPE, undefined));
        this.#outer.write(sealer.head);
      },
      this.#failed,
    );
    this.#chunks(beginBinaryResponse({ status, fields }));
  }

  content(octets: Uint8Array): void {
    for (let at = 0; at < octets.length; at += MAX_CHUNK) {
      this.#chunks(binaryContent(octets.subarray(at, at + MAX_CHUNK)));
    }
  }

  finish(trailers: FieldList): void {
    const end = endBinaryMessage(trailers);
    const padding = paddedLength(this.#length + end.length) - this.#length - end.length;
    const rest = Buffer.concat([end, Buffer.alloc(padding)]);
    const last = rest.length - (rest.length % MAX_CHUNK);
    this.#chunks(rest.subarray(0, last));
    this.#work.run(
      () => (this.#sealer as ChunkSealer).finish(rest.subarray(last)),
      (sealed) => {
        this.#outer.write(sealed);
        this.#outer.finish([]);
      },
      this.#failed,
    );
  }

  #chunks(octets: Uint8Array): void {
    this.#length += octets.length;
    for (let at = 0; at < octets.length; at += MAX_CHUNK) {
      this.#work.run(
        () => (this.#sealer as ChunkSealer).chunk(octets.subarray(at, at + MAX_CHUNK)),
        (sealed) => this.#outer.write(sealed),
        this.#failed,
      );
    }
  }

  readonly #failed = () => this.#outer.cut();
}

/** The outer answer reveals nothing about the inner answer. */
function outerHead(mediaType: string, length: number | undefined): AnswerHead {
  const fields = ['Content-Type', mediaType, 'Cache-Control', 'no-store'];
  const framing = length === undefined ? 'unknown' : 'known';
  if (length === undefined) fields.push('Incremental', '?1');
  else fields.push('Content-Length', String(length));
  return { status: 200, reason: 'OK', fields, body: framing, last: false };
}
