// From a request of the client to the message that is sealed, and from the opened message to a Response.
import type { BinaryFields, BinaryRequestHead, BinaryResponseHead } from '@gatehouse/protocol';
import type { HttpRequest } from '../http/middleware.ts';

/** What the gateway reads. Fields that belong to a connection have no meaning inside. */
const LEFT_OUT = new Set([
  'connection',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
  // A compressed answer would tell by its length what it has in common with the request.
  'accept-encoding',
  'date',
]);

/** `time` is that of the gateway, in milliseconds. */
export function innerHead({ method, url, headers }: HttpRequest, time: number): BinaryRequestHead {
  const fields: BinaryFields = [];
  headers.forEach((value, name) => {
    if (!LEFT_OUT.has(name)) fields.push(name, value);
  });
  fields.push('date', new Date(time).toUTCString());
  return { method, scheme: 'https', authority: url.host, path: url.pathname + url.search, fields };
}

const NO_CONTENT = new Set([204, 205, 304]);

/** As if it had come from the URL of the request. */
export function responseOf(
  { status, fields }: BinaryResponseHead,
  content: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>,
  { url, first }: Pick<HttpRequest, 'url' | 'first'>,
): Response {
  const headers = new Headers();
  for (let index = 0; index < fields.length; index += 2) {
    headers.append(fields[index] as string, fields[index + 1] as string);
  }
  const response = new Response(NO_CONTENT.has(status) ? null : content, { status, headers });
  Object.defineProperty(response, 'url', { value: url.href.replace(/#.*$/, '') });
  Object.defineProperty(response, 'redirected', { value: url.href !== first.href });
  return response;
}
