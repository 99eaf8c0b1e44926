// What anyone can read in the first messages of both sides (RFC 8446 §4.1.2, §4.1.3) and in the certificates
// of TLS 1.2 (RFC 5246 §7.4.2). Returns undefined for octets of another form.
import { X509Certificate } from 'node:crypto';
import { groupName, suiteName, versionName } from './tls-names.ts';

export interface ClientHello {
  /** The name of the server (RFC 6066 §3). */
  serverName: string | undefined;
  /** The protocols that it offers (RFC 7301). */
  alpn: string[];
  versions: string[];
  groups: string[];
  suites: string[];
}

export interface ServerHello {
  version: string;
  suite: string;
  /** Of the key exchange; TLS 1.2 has it in another message. */
  group: string | undefined;
}

const SERVER_NAME = 0;
const SUPPORTED_GROUPS = 10;
const ALPN = 16;
const SUPPORTED_VERSIONS = 43;
const KEY_SHARE = 51;

export function readClientHello(body: Uint8Array): ClientHello | undefined {
  return attempt(body, (fields) => {
    const version = fields.number(2);
    fields.octets(32); // random
    fields.vector(1); // session id
    const suites = fields.vector(2).numbers();
    fields.vector(1); // compression
    const extensions = extensionsIn(fields);
    const offered = extensions.get(SUPPORTED_VERSIONS)?.vector(1).numbers() ?? [version];
    return {
      serverName: serverNameIn(extensions.get(SERVER_NAME)),
      alpn: namesIn(extensions.get(ALPN)?.vector(2)),
      versions: offered.filter(isNotGrease).map(versionName),
      groups: (extensions.get(SUPPORTED_GROUPS)?.vector(2).numbers() ?? [])
        .filter(isNotGrease)
        .map(groupName),
      suites: suites
        .filter(isNotGrease)
        .filter((suite) => suite !== RENEGOTIATION)
        .map(suiteName),
    };
  });
}

export function readServerHello(body: Uint8Array): ServerHello | undefined {
  return attempt(body, (fields) => {
    const version = fields.number(2);
    fields.octets(32);
    fields.vector(1);
    const suite = fields.number(2);
    fields.number(1);
    const extensions = extensionsIn(fields);
    const group = extensions.get(KEY_SHARE)?.number(2);
    return {
      version: versionName(extensions.get(SUPPORTED_VERSIONS)?.number(2) ?? version),
      suite: suiteName(suite),
      group: group === undefined ? undefined : groupName(group),
    };
  });
}

/** A ServerHello with this random value asks for another key exchange (RFC 8446 §4.1.3). */
export function isRetryRequest(serverHello: Uint8Array): boolean {
  return Buffer.from(serverHello.subarray(2, 34)).toString('hex') === RETRY;
}

const RETRY = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c';

/** The names in the first certificate of a chain as TLS 1.2 sends it. */
export function readCertificateNames(body: Uint8Array): string | undefined {
  return attempt(body, (fields) => {
    const { subjectAltName, subject } = new X509Certificate(fields.vector(3).vector(3).rest());
    return subjectAltName ?? subject;
  });
}

/** RFC 5746 §3.3: a signal, not a cipher suite. */
const RENEGOTIATION = 0x00ff;

/** Reserved values without a meaning, so that servers tolerate new values (RFC 8701 §2). */
function isNotGrease(value: number): boolean {
  return (value & 0x0f0f) !== 0x0a0a || value >> 8 !== (value & 0xff);
}

function serverNameIn(extension: Fields | undefined): string | undefined {
  if (extension === undefined || extension.isEmpty()) return undefined;
  const list = extension.vector(2);
  return list.number(1) === 0 ? list.vector(2).text() : undefined;
}

function namesIn(list: Fields | undefined): string[] {
  const names: string[] = [];
  while (list !== undefined && !list.isEmpty()) names.push(list.vector(1).text());
  return names;
}

function extensionsIn(fields: Fields): Map<number, Fields> {
  const extensions = new Map<number, Fields>();
  if (fields.isEmpty()) return extensions;
  const list = fields.vector(2);
  while (!list.isEmpty()) extensions.set(list.number(2), list.vector(2));
  return extensions;
}

/** The presentation language of TLS (RFC 8446 §3). Each call throws if there are too few octets. */
interface Fields {
  isEmpty(): boolean;
  number(length: number): number;
  octets(length: number): Uint8Array;
  /** A vector with a length field of this many octets. */
  vector(lengthOctets: number): Fields;
  /** The rest, in pairs of octets. */
  numbers(): number[];
  rest(): Uint8Array;
  text(): string;
}

function fieldsOf(octets: Uint8Array): Fields {
  let at = 0;
  const fields: Fields = {
    isEmpty: () => at === octets.length,
    octets(length) {
      if (at + length > octets.length) throw new RangeError('too few octets');
      at += length;
      return octets.subarray(at - length, at);
    },
    number: (length) => fields.octets(length).reduce((value, octet) => value * 256 + octet, 0),
    vector: (lengthOctets) => fieldsOf(fields.octets(fields.number(lengthOctets))),
    numbers() {
      const numbers: number[] = [];
      while (!fields.isEmpty()) numbers.push(fields.number(2));
      return numbers;
    },
    rest: () => fields.octets(octets.length - at),
    text: () => Buffer.from(fields.rest()).toString('latin1'),
  };
  return fields;
}

function attempt<Value>(body: Uint8Array, read: (fields: Fields) => Value): Value | undefined {
  try {
    return read(fieldsOf(body));
  } catch {
    return undefined;
  }
}
