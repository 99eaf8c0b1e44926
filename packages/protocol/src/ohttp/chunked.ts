// Chunked Oblivious HTTP (draft-ietf-ohai-chunked-ohttp-08): `message/ohttp-chunked-req` and
// `message/ohttp-chunked-res`. Each chunk is sealed with its number, and the last one is marked as the last.
// So missing, moved and truncated chunks are detected.

import { varint } from '../binary-http/varint.ts';
import { concatBytes } from '../bytes.ts';
import type { Bytes, MaybePromise } from '../crypto/primitives.ts';
import { after, numberedOpen, numberedSeal } from '../hpke/key-schedule.ts';
import type { HpkeSuite } from '../hpke/suite.ts';
import { createChunkSplitter } from './chunk-splitter.ts';
import { invalidSealed } from './errors.ts';
import type { ObliviousKey } from './exchange-keys.ts';
import { acceptExchange, answerKeys, beginExchange, CHUNKED, FINAL, nonceLength } from './exchange-keys.ts';
import type { KeyConfiguration } from './key-configuration.ts';
import { ourPlatform } from './whole.ts';
import type { ObliviousPlatform } from './whole-messages.ts';
import { opened } from './whole-messages.ts';

/** Seals a message in chunks. */
export interface ChunkSealer {
  /** The octets before the first chunk. */
  readonly head: Bytes;
  /** A chunk, which must not be empty. */
  chunk(octets: Uint8Array): MaybePromise<Bytes>;
  /** The last chunk, which may be empty. */
  finish(octets: Uint8Array): MaybePromise<Bytes>;
}

/** Opens the chunks of a message in their order. */
export interface ChunkOpener {
  /** Throws or rejects with `ObliviousError`. */
  chunk(sealed: Uint8Array): MaybePromise<Bytes>;
  /** The last chunk. Without it, the message is not complete. */
  finish(sealed: Uint8Array): MaybePromise<Bytes>;
}

/**
 * A request that is sealed in chunks, and the way to open its answer.
 */
export interface ChunkedRequest extends ChunkSealer {
  /** Opens the answer, in pieces of any length. */
  readResponse(events: ChunkEvents): ChunkedReader;
}

export interface ChunkEvents {
  /** The opened octets, in order. */
  octets(octets: Bytes): void;
}

/** Takes a sealed message in pieces. */
export interface ChunkedReader {
  /** Rejects with `ObliviousError`. Wait for it before the next piece. */
  read(octets: Uint8Array): Promise<void>;
  /** Rejects with `ObliviousError` if the message was truncated. */
  end(): Promise<void>;
}

/**
 * Begins a request in sealed chunks.
 * @example
 * const request = await beginChunkedRequest(best);
 * send(request.head);
 * send(await request.chunk(octets));
 * send(await request.finish(endBinaryMessage()));
 */
export async function beginChunkedRequest(
  target: { configuration: KeyConfiguration; suite: HpkeSuite },
  { hpke }: Pick<ObliviousPlatform, 'hpke'> = ourPlatform,
): Promise<ChunkedRequest> {
  const { head, sender, suite } = await beginExchange(hpke, CHUNKED, target);
  return {
    head,
    ...sealingChunks(sender.seal),
    readResponse(events) {
      const { encapsulated } = sender;
      const opener = async (answerNonce: Uint8Array) => {
        const secrets = { exporter: sender, encapsulated, suite, answerNonce };
        const { aead, nonce } = await answerKeys(hpke, CHUNKED, secrets);
        return openingChunks(numberedOpen(aead, nonce));
      };
      return createChunkedReader({ headLength: () => nonceLength(suite), opener }, events);
    },
  };
}

/** A request in chunks, and the way to seal its answer. */
export interface OpenedChunkedRequest extends ChunkOpener {
  /** Unique for each request. */
  readonly encapsulated: Bytes;
  /** Call it once: answers of one request must not share a nonce. */
  respond(): MaybePromise<ChunkSealer>;
}

/**
 * Begins to open a request. `head` has the length from `headLength`.
 * @throws ObliviousError, at once or as a rejection
 * @example
 * const request = await openChunkedRequest(keys, head);
 * const octets = await request.chunk(sealed);
 */
export function openChunkedRequest(
  keys: readonly ObliviousKey[],
  head: Uint8Array,
  { hpke, randomBytes }: ObliviousPlatform = ourPlatform,
): MaybePromise<OpenedChunkedRequest> {
  return opened(() =>
    after(acceptExchange(hpke, CHUNKED, { keys, head }), ({ recipient, encapsulated, suite }) => ({
      encapsulated,
      ...openingChunks((sealed, additional) => recipient.open(sealed, additional)),
      respond() {
        const answerNonce = randomBytes(nonceLength(suite));
        const secrets = { exporter: recipient, encapsulated, suite, answerNonce };
        return after(answerKeys(hpke, CHUNKED, secrets), ({ aead, nonce }) => ({
          head: answerNonce,
          ...sealingChunks(numberedSeal(aead, nonce)),
        }));
      },
    })),
  );
}

type Seal = (plaintext: Uint8Array, additional?: Uint8Array) => MaybePromise<Bytes>;

function sealingChunks(seal: Seal): Pick<ChunkSealer, 'chunk' | 'finish'> {
  return {
    chunk(octets) {
      if (octets.length === 0) throw new TypeError('Only the last chunk may be empty.');
      return after(seal(octets), (sealed) => concatBytes(varint(sealed.length), sealed));
    },
    finish: (octets) => after(seal(octets, FINAL), (sealed) => concatBytes(varint(0), sealed)),
  };
}

function openingChunks(open: Seal): ChunkOpener {
  return {
    chunk: (sealed) =>
      opened(() =>
        after(open(sealed), (octets) => {
          if (octets.length === 0) throw invalidSealed();
          return octets;
        }),
      ),
    finish: (sealed) => opened(() => open(sealed, FINAL)),
  };
}

interface ChunkedSource {
  /** The length of the octets before the chunks; undefined if more octets are needed to know it. */
  headLength(octets: Uint8Array): number | undefined;
  opener(head: Uint8Array): MaybePromise<ChunkOpener>;
}

/**
 * Reads the head, then each chunk.
 * @example
 * const reader = createChunkedReader({ headLength, opener }, { octets: take });
 * await reader.read(piece);
 * await reader.end();
 */
export function createChunkedReader(source: ChunkedSource, events: ChunkEvents): ChunkedReader {
  const splitter = createChunkSplitter();
  let head: Uint8Array | undefined = new Uint8Array(0);
  let opener: ChunkOpener | undefined;

  async function takeHead(octets: Uint8Array): Promise<Uint8Array> {
    head = concatBytes(head as Uint8Array, octets);
    const length = source.headLength(head);
    if (length === undefined || head.length < length) return new Uint8Array(0);
    const rest = head.subarray(length);
    opener = await source.opener(head.subarray(0, length));
    head = undefined;
    return rest;
  }

  return {
    async read(octets) {
      const rest = head ? await takeHead(octets) : octets;
      for (const sealed of splitter.take(rest)) events.octets(await (opener as ChunkOpener).chunk(sealed));
    },
    async end() {
      const last = splitter.end();
      if (!opener || !last) throw invalidSealed();
      const octets = await opener.finish(last);
      if (octets.length > 0) events.octets(octets);
    },
  };
}
