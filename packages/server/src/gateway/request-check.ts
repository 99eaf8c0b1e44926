// Refuses what Node's parser accepts and we do not: the other rules of RFC 9112 that matter between two
// parsers. A request that passes means the same to every server behind us.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { RequestTarget } from '@gatehouse/access';
import { GatehouseError, parseRequestTarget } from '@gatehouse/access';

export interface CheckedRequest extends RequestTarget {
  method: string;
  /** As sent, lower case: `localhost:8443`. */
  host: string;
  /** Length of the body as announced; undefined when it is chunked, 0 when there is none. */
  contentLength: number | undefined;
  authorization: string | undefined;
  apiKey: string | undefined;
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
// A trailing dot is refused: some servers treat it as another spelling of the same name.
const HOST = /^(?:[a-z0-9._-]*[a-z0-9_-]|\[[0-9a-f:.]+\])(?::\d{1,5})?$/;
// Fields that may come only once: with two, it would be unclear which one counts.
const SINGLE = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'authorization',
  'x-api-key',
  'content-type',
  'upgrade',
  'expect',
]);

/** Throws `bad_request`, `host_invalid`, `path_not_canonical`, `method_not_allowed` or `header_too_large`. */
export function checkRequest(request: IncomingMessage, maxHeaders: number): CheckedRequest {
  const { method = '', headers, httpVersion, rawHeaders } = request;
  if (!METHODS.has(method)) throw methodNotOffered(method);
  if (httpVersion !== '1.1' && httpVersion !== '1.0')
    throw bad('This server supports HTTP/1.1 and HTTP/1.0 only.');
  if (rawHeaders.length / 2 > maxHeaders) {
    throw new GatehouseError('header_too_large', `A request has at most ${maxHeaders} header fields.`);
  }
  refuseDuplicates(rawHeaders);
  const host = headers.host?.toLowerCase() ?? '';
  if (!HOST.test(host)) throw new GatehouseError('host_invalid', 'Send exactly one Host, a name or address.');
  const target = parseRequestTarget(request.url ?? '');
  if (target.authority !== undefined && target.authority.toLowerCase() !== host) {
    throw new GatehouseError('host_invalid', 'The request target names another host than Host does.');
  }
  const apiKey = headers['x-api-key'];
  return {
    ...target,
    method,
    host,
    contentLength: bodyLength(request),
    authorization: headers.authorization,
    apiKey: typeof apiKey === 'string' ? apiKey : undefined,
  };
}

export function methodNotOffered(method: string): GatehouseError {
  const allow = [...METHODS];
  return new GatehouseError('method_not_allowed', `The method ${method} is not offered.`, { allow });
}

function refuseDuplicates(rawHeaders: string[]): void {
  let seen: Set<string> | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    if (!SINGLE.has(name)) continue;
    seen ??= new Set();
    if (seen.has(name)) throw bad(`Send ${name} only once.`);
    seen.add(name);
  }
}

/** RFC 9112 §6: either a length or only chunked, and no chunks in HTTP/1.0. */
function bodyLength({ headers, httpVersion }: IncomingMessage): number | undefined {
  const encoding = headers['transfer-encoding'];
  if (encoding === undefined) {
    const length = Number(headers['content-length'] ?? 0);
    if (!Number.isSafeInteger(length)) throw bad('Content-Length is too large.');
    return length;
  }
  if (
    httpVersion === '1.0' ||
    encoding.toLowerCase() !== 'chunked' ||
    headers['content-length'] !== undefined
  ) {
    throw bad('The only transfer coding is chunked, in HTTP/1.1 and without Content-Length.');
  }
  return undefined;
}

/** Upgrade and Connection as both sides of a WebSocket handshake must send them (RFC 6455 §4.1, §4.2.2). */
export function namesWebSocket({ upgrade, connection = '' }: IncomingHttpHeaders): boolean {
  return upgrade?.toLowerCase() === 'websocket' && /(?:^|,)[ \t]*upgrade[ \t]*(?:,|$)/i.test(connection);
}

/**
 * Whether the request asks for a WebSocket (RFC 6455 §4.1). Throws `bad_request` for any other kind of
 * upgrade.
 */
export function isWebSocketRequest({ headers, method, httpVersion }: IncomingMessage): boolean {
  const { upgrade } = headers;
  if (upgrade === undefined) return false;
  const valid =
    method === 'GET' &&
    httpVersion === '1.1' &&
    // The client and the upstream agree on the version between them (§4.4).
    /^\d{1,3}$/.test(headers['sec-websocket-version'] ?? '') &&
    /^[A-Za-z0-9+/]{22}==$/.test(headers['sec-websocket-key'] ?? '') &&
    namesWebSocket(headers) &&
    headers['transfer-encoding'] === undefined &&
    Number(headers['content-length'] ?? 0) === 0;
  if (!valid) throw bad('The only upgrade is to a WebSocket (RFC 6455), with all of its headers.');
  return true;
}

function bad(detail: string): GatehouseError {
  return new GatehouseError('bad_request', detail);
}
