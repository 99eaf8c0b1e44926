// Reads the responses of an upstream (RFC 9112 §4, §6.3). Refuses an answer without a request, framing that
// two parsers might read differently, codings other than chunked, and a 101 without a request for it.
import { BodyReader } from './body-reader.ts';
import { Http1Error } from './errors.ts';
import type { FieldSection } from './field-section.ts';
import { announcedBody, hasOption, keepsAlive, NO_BODY } from './framing.ts';
import { HeadReader } from './head-reader.ts';
import { CONTENT_LENGTH, TRANSFER_ENCODING, UPGRADE } from './known-fields.ts';
import type { BodyFraming, MessageEvents, MessageReader, ReadLimits, ResponseHead } from './messages.ts';
import { RepeatedHead } from './repeated-head.ts';
import { StatusLine } from './status-line.ts';

/** The properties of the request that its response depends on. */
export type Question = 'HEAD' | 'websocket' | 'other';

export interface ResponseEvents extends MessageEvents<ResponseHead> {
  /**
   * An interim response: 1xx except 101. The final one follows. A 101 comes as `head`, followed by
   * `complete`. Octets after it are not HTTP.
   */
  information(head: ResponseHead): void;
}

export interface ResponseReader extends MessageReader {
  /** Call this for every request, before its answer is read. */
  expect(question: Question): void;
}

const SINGLE = [CONTENT_LENGTH, TRANSFER_ENCODING];
const CLOSE: BodyFraming = Object.freeze({ kind: 'close' });
/** More interim responses than any server needs. */
const MAX_INFORMATION = 1000;
const SWITCHING_PROTOCOLS = 101;
const NO_CONTENT = 204;
const NOT_MODIFIED = 304;

export function createResponseReader(limits: ReadLimits, events: ResponseEvents): ResponseReader {
  return new Reader(limits, events);
}

class Reader implements ResponseReader {
  readonly #events: ResponseEvents;
  readonly #line = new StatusLine();
  readonly #head: HeadReader;
  readonly #body: BodyReader;
  /** Of the last answer, to `#repeatedQuestion`. */
  readonly #repeated = new RepeatedHead<ResponseHead>();
  #repeatedQuestion: Question | undefined;
  #question: Question | undefined;
  #information = 0;
  #isInBody = false;
  #failure: unknown;

  constructor(limits: ReadLimits, events: ResponseEvents) {
    const rules = {
      ...limits,
      single: SINGLE,
      code: 'upstream_failed',
      tooLarge: 'upstream_failed',
    } as const;
    this.#events = events;
    this.#head = new HeadReader(rules, this.#line);
    this.#body = new BodyReader(rules, (octets) => events.body(octets));
  }

  get isMidway(): boolean {
    return this.#isInBody || this.#information > 0 || this.#head.isMidway;
  }

  expect(question: Question): void {
    this.#question = question;
    this.#information = 0;
  }

  read(octets: Uint8Array): number {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return this.#read(octets);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  end(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#isInBody && this.#body.endsWithConnection) this.#complete();
    else if (this.#question !== undefined) throw bad('The connection ended before the answer was complete.');
  }

  #read(octets: Uint8Array): number {
    let at = 0;
    while (!this.#isInBody) {
      if (at === octets.length) return at;
      if (this.#question === undefined) throw bad('The upstream answers without a request.');
      at = this.#readHead(octets, at, this.#question);
    }
    if (!this.#body.isComplete) at = this.#body.read(octets, at);
    if (this.#body.isComplete) this.#complete();
    return at;
  }

  #complete(): void {
    this.#isInBody = false;
    this.#question = undefined;
    this.#events.complete(this.#body.trailers);
  }

  #readHead(octets: Uint8Array, start: number, question: Question): number {
    const isStart = !this.#head.hasBegun;
    const repeated = isStart && this.#repeatedQuestion === question && this.#repeated.recall(octets, start);
    if (repeated) {
      this.#deliver(repeated);
      return start + this.#repeated.length;
    }
    const end = this.#head.read(octets, start);
    if (!this.#head.section.isComplete) return end;
    const head = this.#finishHead(question);
    this.#head.restart();
    if (head.status < 200 && head.status !== SWITCHING_PROTOCOLS) {
      this.#information++;
      if (this.#information > MAX_INFORMATION) throw bad('The upstream sends too many interim responses.');
      this.#events.information(head);
      return end;
    }
    if (isStart) {
      this.#repeated.remember(octets, start, end, head);
      this.#repeatedQuestion = question;
    }
    this.#deliver(head);
    return end;
  }

  #deliver(head: ResponseHead): void {
    this.#information = 0;
    this.#body.start(head.body);
    this.#isInBody = true;
    this.#events.head(head);
  }

  #finishHead(question: Question): ResponseHead {
    const { section } = this.#head;
    const { status, reason, version } = this.#line;
    if (status === SWITCHING_PROTOCOLS) requireUpgrade(section, question, version);
    const body = bodyOf(section, question, this.#line);
    return {
      status,
      reason,
      version,
      fields: section.fields,
      body,
      keepAlive: body.kind !== 'close' && status !== SWITCHING_PROTOCOLS && keepsAlive(section, version),
    };
  }
}

/**
 * RFC 9112 §6.3. The fields of answers to HEAD, of 304 and of the answers below do not give their own
 * length.
 */
function bodyOf(section: FieldSection, question: Question, { status, version }: StatusLine): BodyFraming {
  // Checked for every answer, because the fields are passed on and must not mislead the client.
  const announced = announcedBody(section, version, bad);
  const cannotHaveOne = status < 200 || status === NO_CONTENT;
  if (cannotHaveOne && announced?.kind === 'chunked') throw bad(`An answer ${status} cannot have chunks.`);
  if (cannotHaveOne || status === NOT_MODIFIED || question === 'HEAD') return NO_BODY;
  return announced ?? CLOSE;
}

/** RFC 6455 §4.2.2. The client and the upstream check the key between them. */
function requireUpgrade(section: FieldSection, question: Question, version: '1.0' | '1.1'): void {
  if (question !== 'websocket' || version === '1.0')
    throw bad('The upstream switches protocols without a request for it.');
  if (section.joined(UPGRADE)?.toLowerCase() !== 'websocket' || !hasOption(section, 'upgrade')) {
    throw bad('101 without an upgrade to websocket.');
  }
}

function bad(message: string): Http1Error {
  return new Http1Error('upstream_failed', message);
}
