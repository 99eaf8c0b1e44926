// Turns a request into the message to seal, and an opened message into a Response.
import type { BinaryFields, BinaryRequestHead, BinaryResponseHead } from '@gatehouse/protocol';
import type { HttpRequest } from '../http/middleware.ts';

/** The message for the gateway. It leaves out fields of the connection, which have no meaning inside. */
const LEFT_OUT = new Set([
  'connection',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
  // The length of a compressed answer could reveal what it has in common with the request.
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

/** The Response with the URL of the request. */
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
