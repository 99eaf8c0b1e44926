// Reads the records of TLS (RFC 8446 §5.1, RFC 5246 §6.2) and the handshake messages in them that are not
// encrypted, to show them. Stops at the first octet that does not belong to a record. Verifies nothing.

export type RecordType = 'change_cipher_spec' | 'alert' | 'handshake' | 'application_data';

export interface TlsRecord {
  type: RecordType;
  /** With the five octets of the header. */
  octets: Uint8Array;
  /** The handshake messages that end in this record; none in encrypted records. */
  messages: HandshakeMessage[];
  isEncrypted: boolean;
}

export interface HandshakeMessage {
  /** RFC 8446 §4, as a number. */
  type: number;
  body: Uint8Array;
}

/** One direction of a connection. */
export interface TlsReader {
  /** The records that these octets complete. */
  read(octets: Uint8Array): TlsRecord[];
  /** The octets after the last record: a part of a record, or not TLS. */
  rest(): Uint8Array;
}

const HEADER = 5;
/** 2^14 octets of plaintext, and 2,048 more for encryption (RFC 5246 §6.2.3). */
const MAX_FRAGMENT = 16_384 + 2048;
const TYPES: Readonly<Record<number, RecordType>> = {
  20: 'change_cipher_spec',
  21: 'alert',
  22: 'handshake',
  23: 'application_data',
};

export function createTlsReader(): TlsReader {
  let rest: Uint8Array = new Uint8Array(0);
  let handshake: Uint8Array = new Uint8Array(0);
  let isEncrypted = false;

  function recordOf(octets: Uint8Array): TlsRecord {
    const type = TYPES[octets[0] as number] as RecordType;
    const isShown = type === 'change_cipher_spec' || isWholeHello(octets.subarray(HEADER));
    const isHidden = type === 'application_data' || (isEncrypted && !isShown);
    let messages: HandshakeMessage[] = [];
    if (type === 'handshake' && !isHidden) {
      [messages, handshake] = messagesIn(joined(handshake, octets.subarray(HEADER)));
    }
    // In both versions all later records are encrypted. TLS 1.3 sends this record only for older middleboxes
    // (§D.4).
    if (type === 'change_cipher_spec') isEncrypted = true;
    return { type, octets, messages, isEncrypted: isHidden };
  }

  return {
    read(octets) {
      rest = joined(rest, octets);
      const records: TlsRecord[] = [];
      for (let length = recordLength(rest); length <= rest.length; length = recordLength(rest)) {
        records.push(recordOf(rest.subarray(0, length)));
        rest = rest.subarray(length);
      }
      return records;
    },
    rest: () => rest,
  };
}

/** The length of the first record; infinite if it is not a record, or too short to tell. */
function recordLength(octets: Uint8Array): number {
  const [type = 0, major, minor = 0, high = 0, low = 0] = octets;
  const fragment = high * 256 + low;
  const isRecord = TYPES[type] !== undefined && major === 3 && minor <= 4;
  if (octets.length < HEADER || !isRecord || fragment > MAX_FRAGMENT) return Number.POSITIVE_INFINITY;
  return HEADER + fragment;
}

/**
 * Whether the fragment is exactly one ClientHello or ServerHello. After a HelloRetryRequest, they follow a
 * ChangeCipherSpec and are not encrypted (RFC 8446 §4.1.4, §D.4).
 */
function isWholeHello(fragment: Uint8Array): boolean {
  const [type = 0, high = 0, middle = 0, low = 0] = fragment;
  return (type === 1 || type === 2) && 4 + high * 65_536 + middle * 256 + low === fragment.length;
}

function messagesIn(octets: Uint8Array): [messages: HandshakeMessage[], rest: Uint8Array] {
  const messages: HandshakeMessage[] = [];
  let rest = octets;
  for (;;) {
    const [type = 0, high = 0, middle = 0, low = 0] = rest;
    const end = 4 + high * 65_536 + middle * 256 + low;
    if (rest.length < 4 || rest.length < end) return [messages, rest];
    messages.push({ type, body: rest.subarray(4, end) });
    rest = rest.subarray(end);
  }
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  if (head.length === 0) return tail;
  const octets = new Uint8Array(head.length + tail.length);
  octets.set(head);
  octets.set(tail, head.length);
  return octets;
}
