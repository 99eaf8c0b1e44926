// Messages that signatures need whole: the body of a signed request before it is forwarded, and an answer
// before its head is sent. Both have a size limit, because they are in memory.
import { CollectedBytes } from '@gatehouse/protocol';
import type { UpstreamRequest } from '../upstream/call.ts';
import type { ExchangeSigner, SignedBody } from './admission.ts';
import type { AnswerHead } from './client-stream.ts';
import type { OwnAnswer } from './own-answer.ts';

/** Copies of borrowed octets. */
class Parts {
  readonly #collected = new CollectedBytes();
  #whole: Uint8Array | undefined;

  write(octets: Uint8Array): void {
    this.#collected.add(octets);
  }

  /** The whole body. Read it only after the end. */
  get octets(): Uint8Array {
    this.#whole ??= this.#collected.take();
    return this.#whole;
  }
}

/** A signed request. The caller enforces `maxBytes`. */
export class HeldRequest extends Parts {
  readonly request: UpstreamRequest;
  readonly #body: SignedBody;

  constructor(request: UpstreamRequest, body: SignedBody) {
    super();
    this.request = request;
    this.#body = body;
  }

  get maxBytes(): number {
    return this.#body.maxBytes;
  }

  /** Rejects with the error that the client gets. */
  verify(): Promise<void> {
    return this.#body.verify(this.octets);
  }
}

/** An answer that will be signed. The caller enforces the limit of the signer. */
export class HeldAnswer extends Parts {
  readonly signer: ExchangeSigner;
  readonly #head: AnswerHead;

  constructor(head: AnswerHead, signer: ExchangeSigner) {
    super();
    this.#head = head;
    this.signer = signer;
  }

  get answer(): OwnAnswer {
    return { head: this.#head, octets: this.#head.body === 'none' ? undefined : this.octets };
  }
}

/** The messages that an exchange holds. */
export class Held {
  /** A signed request with a body that is not verified yet. */
  request: HeldRequest | undefined;
  /** An incomplete answer of the upstream, which cannot be signed yet. */
  answer: HeldAnswer | undefined;
  isSigning = false;

  get isAnswerHeld(): boolean {
    return this.answer !== undefined || this.isSigning;
  }
}

/** The signed answer. Its length is known now. */
export async function signedAnswer({ head, octets }: OwnAnswer, signer: ExchangeSigner): Promise<OwnAnswer> {
  const { status, passed } = head;
  const content = octets ?? new Uint8Array();
  const framing = head.body === 'unknown' ? ['Content-Length', String(content.length)] : [];
  const fields = [...head.fields, ...framing];
  const signature = await signer.sign({ status, fields: [...(passed?.fields ?? []), ...fields], content });
  const body = head.body === 'none' ? 'none' : 'known';
  return { head: { ...head, body, fields: [...fields, ...signature] }, octets };
}
