// The parts of a request, from the caller's options: its target, its method, and its header.
import type { HttpClientOptions, RequestOptions } from './client-options.ts';
import { type Fields, searchParams } from './content.ts';
import { ACCEPT_ENCODING } from './decompress.ts';
import { FieldList } from './field-list.ts';
import type { Content } from './request-content.ts';

export function targetOf(
  address: string | URL,
  query: Fields | undefined,
  { baseUrl, protocols }: { baseUrl: string | URL | undefined; protocols: readonly string[] },
): URL {
  const url = URL.parse(address, baseUrl);
  if (url !== null && protocols.includes(url.protocol)) return url;
  if (url === null || !/^https?:$/.test(url.protocol)) throw notHttp(url);
  if (url.username !== '' || url.password !== '') {
    throw new TypeError('the URL must not have a user name or a password: use basic() or digest()');
  }
  if (query !== undefined) {
    const added = searchParams(query).toString();
    if (added !== '') url.search += `${url.search === '' ? '' : '&'}${added}`;
  }
  return url;
}

function notHttp(url: URL | null): TypeError {
  const isFtp = url !== null && /^ftps?:$/.test(url.protocol);
  return new TypeError(
    `the URL must begin with https:// or http://${isFtp ? ', or the client needs ftp()' : ''}`,
  );
}

export function methodOf(method = 'GET'): string {
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(method) || /^(?:CONNECT|TRACK)$/i.test(method)) {
    throw new TypeError(`the method ${JSON.stringify(method)} cannot be used`);
  }
  return /^(?:get|head|post|put|delete|options|patch)$/i.test(method) ? method.toUpperCase() : method;
}

/** The fields of every request of a client. */
export function fieldsOf({ decompress = true, headers }: HttpClientOptions): FieldList {
  const fields = new FieldList(['accept', '*/*', 'user-agent', 'gatehouse-client']);
  if (decompress) fields.set('accept-encoding', ACCEPT_ENCODING);
  setAll(fields, headers);
  return fields;
}

export function headersOf(
  base: FieldList,
  own: HeadersInit | undefined,
  { type, length }: Pick<Content, 'type' | 'length'>,
): Headers {
  const fields = base.copy();
  // The type of the content is only a default: a Content-Type from the options of the client wins.
  if (type !== undefined && !fields.has('content-type')) fields.set('content-type', type);
  if (length !== undefined) fields.set('content-length', String(length));
  setAll(fields, own);
  return fields as unknown as Headers;
}

function setAll(fields: FieldList, given: HeadersInit | undefined): void {
  if (given === undefined) return;
  new Headers(given).forEach((value, name) => {
    fields.set(name, value);
  });
}

/** The parts of a Request of `fetch`, changed by `init`. */
export function fromRequest(request: Request, init: RequestOptions | RequestInit): RequestOptions {
  return {
    method: request.method,
    headers: request.headers,
    body: request.body,
    signal: request.signal,
    redirect: request.redirect,
    ...(init as RequestOptions),
  };
}
