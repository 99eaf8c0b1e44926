// The request inside a sealed request, in the form for an exchange: with the same refusals as an HTTP/1.1
// request.
import { GatehouseError, parseRequestTarget } from '@gatehouse/access';
import type { BinaryRequestHead } from '@gatehouse/protocol';
import { SEALED_REQUESTS_PATH } from '@gatehouse/protocol';
import type { ClientRequest } from '../exchange/client-stream.ts';
import { fieldValue } from '../exchange/field-value.ts';
import { pathAsSent } from '../exchange/reasons.ts';
import { canonicalHost } from '../http1/host.ts';
import type { FieldList } from '../http1/messages.ts';

// With two of them, it would be unclear which one counts.
const SINGLE = new Set(['host', 'content-length', 'authorization', 'x-api-key', 'content-type', 'date']);

/**
 * `length` of the content; undefined if it is not known. `isServed` says whether a host is one of ours.
 * Throws `bad_request`, `host_invalid` or `path_not_canonical`.
 */
export function innerRequest(
  head: BinaryRequestHead,
  length: number | undefined,
  isServed: (host: string) => boolean,
): ClientRequest {
  const { method, scheme, path } = head;
  if (scheme !== 'https') throw bad('The scheme of a sealed request must be https.');
  refuseRepeated(head.fields);
  const host = hostOf(head);
  if (!isServed(host)) {
    throw new GatehouseError('host_invalid', 'The host of the sealed request is not served by this gateway.');
  }
  if (path !== '*' && parseRequestTarget(path).path === SEALED_REQUESTS_PATH) {
    throw bad('A sealed request must not contain another one.');
  }
  const fields = withLength(head.fields.filter(isNotHost), length);
  return {
    method,
    target: path,
    sentPath: pathAsSent(path),
    version: '1.1',
    fields,
    host,
    contentLength: length,
    isWebSocket: false,
    authorization: fieldValue(fields, 'authorization'),
    apiKey: fieldValue(fields, 'x-api-key'),
    dpop: joined(fields, 'dpop', ', '),
    // RFC 6265bis §5.8.3: several fields are one list.
    cookies: joined(fields, 'cookie', '; '),
    passed: undefined,
    admission: undefined,
  };
}

function isNotHost(_: string, index: number, fields: FieldList): boolean {
  return fields[index - (index % 2)] !== 'host';
}

function refuseRepeated(fields: FieldList): void {
  const seen = new Set<string>();
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] as string;
    if (!SINGLE.has(name)) continue;
    if (seen.has(name)) throw bad(`The field ${name} may come only once.`);
    seen.add(name);
  }
}

/** RFC 9292 §3.4: the authority, or the field Host in its place. */
function hostOf({ authority, fields }: BinaryRequestHead): string {
  const field = fieldValue(fields, 'host');
  const host = canonicalHost(authority === '' ? (field ?? '') : authority);
  if (host === undefined || (field !== undefined && canonicalHost(field) !== host)) {
    throw new GatehouseError('host_invalid', 'A sealed request needs one host, a name or address.');
  }
  return host;
}

/** If the length of the content is known, the upstream gets it. */
function withLength(fields: FieldList, length: number | undefined): FieldList {
  if (length === undefined || length === 0 || fieldValue(fields, 'content-length') !== undefined)
    return fields;
  return [...fields, 'content-length', String(length)];
}

function joined(fields: FieldList, name: string, separator: string): string | undefined {
  const values = fields.filter((_, index) => index % 2 === 1 && fields[index - 1] === name);
  return values.length === 0 ? undefined : values.join(separator);
}

function bad(detail: string): GatehouseError {
  return new GatehouseError('bad_request', detail);
}
