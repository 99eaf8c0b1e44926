// A recorded conversation in parts: plain text, each handshake message of TLS, and encrypted data. In the
// order in which the parts were complete.
import type { Passage } from './relay.ts';
import {
  type ClientHello,
  isRetryRequest,
  readCertificateNames,
  readClientHello,
  readServerHello,
  type ServerHello,
} from './tls-hello.ts';
import { handshakeName } from './tls-names.ts';
import { createTlsReader, type HandshakeMessage, type TlsReader, type TlsRecord } from './tls-records.ts';

export interface Part {
  from: Passage['from'];
  /** `clear` is text of the application; `handshake` is TLS that anyone can read. */
  kind: 'clear' | 'handshake' | 'encrypted';
  title: string;
  octets: Buffer;
  /** The number of TLS records; 0 without TLS. */
  records: number;
  /** What a listener learns from it. */
  facts: [name: string, value: string][];
}

export interface Conversation {
  isTls: boolean;
  parts: Part[];
  clientHello: ClientHello | undefined;
  serverHello: ServerHello | undefined;
  /** The names in a certificate that was not encrypted, as in TLS 1.2. */
  certificate: string | undefined;
}

/** Recognises TLS by its first octets. Accepts anything. */
export function readConversation(passages: readonly Passage[]): Conversation {
  const isTls = beginsAsTls(passages);
  const conversation: Conversation = {
    isTls,
    parts: [],
    clientHello: undefined,
    serverHello: undefined,
    certificate: undefined,
  };
  const readers = { client: createTlsReader(), server: createTlsReader() };
  for (const { from, octets } of passages) {
    if (!isTls) add(conversation.parts, clearPart(from, octets, 'in the clear'));
    else for (const record of readers[from].read(octets)) addRecord(conversation, from, record);
  }
  if (isTls) for (const from of ['client', 'server'] as const) addRest(conversation, from, readers[from]);
  return conversation;
}

function beginsAsTls(passages: readonly Passage[]): boolean {
  const first = passages.find(({ from }) => from === 'client')?.octets;
  return first?.[0] === 22 && first[1] === 3;
}

function clearPart(from: Passage['from'], octets: Buffer, title: string): Part {
  return { from, kind: 'clear', title, octets, records: 0, facts: [] };
}

/** Joins consecutive parts of one side that look alike. */
function add(parts: Part[], part: Part): void {
  const last = parts.at(-1);
  const isSame = last?.from === part.from && last.title === part.title && part.kind !== 'handshake';
  if (last === undefined || !isSame) {
    parts.push(part);
    return;
  }
  last.octets = Buffer.concat([last.octets, part.octets]);
  last.records += part.records;
}

function addRest(conversation: Conversation, from: Passage['from'], reader: TlsReader): void {
  const rest = reader.rest();
  if (rest.length > 0) add(conversation.parts, clearPart(from, Buffer.from(rest), 'no complete record'));
}

function addRecord(conversation: Conversation, from: Passage['from'], record: TlsRecord): void {
  const octets = Buffer.from(record.octets);
  if (record.isEncrypted) {
    add(conversation.parts, {
      from,
      kind: 'encrypted',
      title: 'encrypted',
      octets,
      records: 1,
      facts: [],
    });
    return;
  }
  const facts = record.messages.flatMap(({ type, body }) => learn(conversation, type, body));
  add(conversation.parts, { from, kind: 'handshake', title: titleOf(record), octets, records: 1, facts });
}

function titleOf({ type, messages }: TlsRecord): string {
  if (type === 'change_cipher_spec') return 'ChangeCipherSpec';
  if (type === 'alert') return 'Alert';
  return messages.length === 0 ? 'part of a message' : messages.map(nameOf).join(', ');
}

function nameOf({ type, body }: HandshakeMessage): string {
  return type === SERVER_HELLO && isRetryRequest(body) ? 'HelloRetryRequest' : handshakeName(type);
}

const SERVER_HELLO = 2;

function learn(conversation: Conversation, type: number, body: Uint8Array): Part['facts'] {
  if (type === 1) {
    conversation.clientHello ??= readClientHello(body);
    return clientFacts(readClientHello(body));
  }
  if (type === 2) {
    conversation.serverHello ??= readServerHello(body);
    return serverFacts(readServerHello(body));
  }
  if (type !== 11) return [];
  conversation.certificate ??= readCertificateNames(body);
  return [['certificate', conversation.certificate ?? 'not read']];
}

function clientFacts(hello: ClientHello | undefined): Part['facts'] {
  if (hello === undefined) return [];
  const { serverName, alpn, versions, groups, suites } = hello;
  return [
    ['server name', serverName ?? 'not sent'],
    ['protocols', alpn.join(', ') || 'not sent'],
    ['versions', versions.join(', ')],
    ['key exchange', groups.join(', ')],
    ['suites', firstOf(suites)],
  ];
}

/** OpenSSL offers about fifty, and the first ones are the most important. */
function firstOf(suites: readonly string[]): string {
  const more = suites.length - FIRST_SUITES;
  const first = suites.slice(0, FIRST_SUITES).join(', ');
  return more > 0 ? `${first}, and ${more} more` : first;
}

const FIRST_SUITES = 3;

function serverFacts(hello: ServerHello | undefined): Part['facts'] {
  if (hello === undefined) return [];
  const { version, suite, group } = hello;
  return [
    ['version', version],
    ['suite', suite],
    ...(group ? [['key exchange', group] as [string, string]] : []),
  ];
}
