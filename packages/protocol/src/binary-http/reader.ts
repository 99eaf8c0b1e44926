// The strict reader of Binary HTTP (RFC 9292): requests or responses, of known and of indeterminate length,
// in pieces of any size. It accepts truncated messages where the standard allows them (§3.1, §3.2), and
// padding of zeros (§3.8). It refuses everything else, before it holds more in memory than the limits allow.
import { checkControlData } from './field-rules.ts';
import type { BinaryRequestHead, BinaryResponseHead } from './message.ts';
import {
  INDETERMINATE_REQUEST,
  INDETERMINATE_RESPONSE,
  invalidMessage,
  KNOWN_REQUEST,
  KNOWN_RESPONSE,
} from './message.ts';
import type { BinaryEvents, BinaryReader, BinaryReadLimits, Kind } from './message-reader.ts';
import { MessageReader } from './message-reader.ts';

export type { BinaryEvents, BinaryReader, BinaryReadLimits } from './message-reader.ts';

/**
 * Reads one request.
 * @example
 * const reader = readBinaryRequest(limits, { head, content, complete });
 * reader.read(octets);
 * reader.end();
 */
export function readBinaryRequest(
  limits: BinaryReadLimits,
  events: BinaryEvents<BinaryRequestHead>,
): BinaryReader {
  const kind: Kind<BinaryRequestHead> = {
    known: KNOWN_REQUEST,
    indeterminate: INDETERMINATE_REQUEST,
    control(input) {
      const method = input.text();
      const scheme = input.text();
      const authority = input.text();
      const path = input.text();
      if (method === undefined || scheme === undefined || authority === undefined || path === undefined)
        return undefined;
      const head = { method, scheme, authority, path, fields: [] };
      checkControlData(head);
      return head;
    },
    isFinal: () => true,
  };
  return new MessageReader(kind, limits, events);
}

/**
 * Reads one response, and the informational ones (1xx) before it.
 * @example
 * const reader = readBinaryResponse(limits, { head, content, complete });
 */
export function readBinaryResponse(
  limits: BinaryReadLimits,
  events: BinaryEvents<BinaryResponseHead>,
): BinaryReader {
  const kind: Kind<BinaryResponseHead> = {
    known: KNOWN_RESPONSE,
    indeterminate: INDETERMINATE_RESPONSE,
    control(input) {
      const status = input.number();
      if (status === undefined) return undefined;
      if (status < 100 || status > 599) throw invalidMessage('The status is not from 100 to 599.');
      return { status, fields: [] };
    },
    isFinal: ({ status }) => status >= 200,
  };
  return new MessageReader(kind, limits, events);
}
