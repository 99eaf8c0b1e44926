// Reads requests in order, from octets that may be split anywhere (RFC 9112). It refuses everything that two
// parsers might read differently.
import { BodyReader } from './body-reader.ts';
import { Http1Error } from './errors.ts';
import type { FieldSection } from './field-section.ts';
import { announcedBody, hasOption, keepsAlive, listHas, NO_BODY } from './framing.ts';
import { HeadReader } from './head-reader.ts';
import { canonicalHost } from './host.ts';
import {
  API_KEY,
  AUTHORIZATION,
  CONTENT_LENGTH,
  CONTENT_TYPE,
  COOKIE,
  DPOP,
  EXPECT,
  HOST,
  TRANSFER_ENCODING,
  UPGRADE,
  WEBSOCKET_KEY,
  WEBSOCKET_VERSION,
} from './known-fields.ts';
import type { KnownHeads } from './known-heads.ts';
import type { BodyFraming, MessageEvents, MessageReader, ReadLimits, RequestHead } from './messages.ts';
import { RepeatedHead } from './repeated-head.ts';
import { RequestLine } from './request-line.ts';

// With two of them, it would be unclear which one counts.
const SINGLE = [HOST, CONTENT_LENGTH, TRANSFER_ENCODING, AUTHORIZATION, API_KEY, CONTENT_TYPE, EXPECT];

/** Readers with the same limits can share their known heads. */
export function createRequestReader(
  limits: ReadLimits,
  events: MessageEvents<RequestHead>,
  known?: KnownHeads<RequestHead>,
): MessageReader {
  return new RequestReader(limits, events, known);
}

class RequestReader implements MessageReader {
  readonly #events: MessageEvents<RequestHead>;
  readonly #line = new RequestLine();
  readonly #head: HeadReader;
  readonly #body: BodyReader;
  readonly #repeated = new RepeatedHead<RequestHead>();
  readonly #known: KnownHeads<RequestHead> | undefined;
  /** The length of the head in the last octets. */
  #headEnd = 0;
  #isInBody = false;
  #failure: unknown;
  /** The last Host as sent, and its parsed value. Both are nearly always the same on a connection. */
  #sentHost = '';
  #host: string | undefined;

  constructor(
    limits: ReadLimits,
    events: MessageEvents<RequestHead>,
    known: KnownHeads<RequestHead> | undefined,
  ) {
    const rules = { ...limits, single: SINGLE, code: 'bad_request', tooLarge: 'header_too_large' } as const;
    this.#events = events;
    this.#known = known;
    this.#head = new HeadReader(rules, this.#line);
    this.#body = new BodyReader(rules, (octets) => events.body(octets));
  }

  get isMidway(): boolean {
    return this.#isInBody || this.#head.isMidway;
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
    if (this.isMidway) throw bad('The connection ended in the middle of a request.');
  }

  #read(octets: Uint8Array): number {
    let at = 0;
    if (!this.#isInBody) {
      const head = this.#readHead(octets);
      at = this.#headEnd;
      if (!head) return at;
      this.#body.start(head.body);
      this.#isInBody = true;
      this.#events.head(head);
    }
    if (!this.#body.isComplete) at = this.#body.read(octets, at);
    if (this.#body.isComplete) {
      this.#isInBody = false;
      this.#events.complete(this.#body.trailers);
    }
    return at;
  }

  /** Undefined if the head is not complete. */
  #readHead(octets: Uint8Array): RequestHead | undefined {
    const isStart = !this.#head.hasBegun;
    const repeated = isStart ? this.#repeated.recall(octets, 0) : undefined;
    if (repeated) {
      this.#headEnd = this.#repeated.length;
      return repeated;
    }
    const key = isStart ? this.#known?.keyOf(octets) : undefined;
    const known = key === undefined ? undefined : this.#known?.find(key, octets);
    this.#headEnd = known ? octets.length : this.#head.read(octets, 0);
    if (known || !this.#head.section.isComplete) return known;
    const head = this.#finishHead();
    if (isStart) this.#repeated.remember(octets, 0, this.#headEnd, head);
    if (key !== undefined && this.#headEnd === octets.length) this.#known?.add(key, octets, head);
    return head;
  }

  #finishHead(): RequestHead {
    const { section } = this.#head;
    const { method, target, version } = this.#line;
    const { fields } = section;
    const host = this.#hostOf(section, version);
    const body = announcedBody(section, version, bad) ?? NO_BODY;
    // RFC 9110 §9.3.6: other parsers would read the content as the start of the tunnel.
    if (body !== NO_BODY && method === 'CONNECT') throw bad('A CONNECT request has no content.');
    const head: RequestHead = {
      method,
      target,
      version,
      fields,
      host,
      body,
      keepAlive: keepsAlive(section, version),
      expectsContinue: expectsContinue(section, version, body),
      isWebSocket: asksForWebSocket(section, method, version, body),
      authorization: section.value(AUTHORIZATION),
      apiKey: section.value(API_KEY),
      dpop: section.joined(DPOP),
      // RFC 6265bis §5.8.3: several fields are one list.
      cookies: section.joined(COOKIE, '; '),
      derived: undefined,
    };
    this.#head.restart();
    return head;
  }

  /** RFC 9112 §3.2: only HTTP/1.0 allows a request without Host. */
  #hostOf(section: FieldSection, version: '1.0' | '1.1'): string | undefined {
    const sent = section.value(HOST);
    if (sent === undefined && version === '1.0') return undefined;
    if (sent !== this.#sentHost) {
      this.#host = canonicalHost(sent ?? '');
      this.#sentHost = sent ?? '';
    }
    if (this.#host === undefined) {
      throw new Http1Error('host_invalid', 'Send exactly one Host, a name or address.');
    }
    return this.#host;
  }
}

/** RFC 9110 §10.1.1. A request without content has nothing to wait for, and HTTP/1.0 has no 100. */
function expectsContinue(section: FieldSection, version: '1.0' | '1.1', body: BodyFraming): boolean {
  const expectation = section.value(EXPECT);
  if (expectation === undefined) return false;
  if (expectation.toLowerCase() !== '100-continue') {
    throw new Http1Error('expectation_failed', 'Expect may only be 100-continue.');
  }
  return version === '1.1' && body !== NO_BODY;
}

/**
 * Whether the request asks for a WebSocket (RFC 6455 §4.1). Other upgrades may be ignored (RFC 9110 §7.8).
 * An incomplete handshake is refused: the upstream might accept it.
 */
function asksForWebSocket(
  section: FieldSection,
  method: string,
  version: string,
  body: BodyFraming,
): boolean {
  const upgrade = section.joined(UPGRADE);
  if (upgrade === undefined || !listHas(upgrade, 'websocket')) return false;
  const isValid =
    method === 'GET' &&
    version === '1.1' &&
    body === NO_BODY &&
    upgrade.toLowerCase() === 'websocket' &&
    hasOption(section, 'upgrade') &&
    !section.isRepeated(WEBSOCKET_KEY) &&
    !section.isRepeated(WEBSOCKET_VERSION) &&
    // The client and the upstream agree on the version between them (§4.4).
    /^\d{1,3}$/.test(section.value(WEBSOCKET_VERSION) ?? '') &&
    /^[A-Za-z0-9+/]{22}==$/.test(section.value(WEBSOCKET_KEY) ?? '');
  if (!isValid) throw bad('Upgrade is allowed only to a WebSocket (RFC 6455), with all required headers.');
  return true;
}

function bad(message: string): Http1Error {
  return new Http1Error('bad_request', message);
}
