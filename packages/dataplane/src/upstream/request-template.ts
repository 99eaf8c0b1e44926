// The head of a request to an upstream (RFC 9112 §3, §9.3).
import { fieldLines } from '../http1/writer.ts';
import type { UpstreamRequest } from './call.ts';

// Content has no meaning in other requests (RFC 9110 §9.3), so upstreams would read it as the next request.
const EXPECT_CONTENT = new Set(['POST', 'PUT', 'PATCH']);

/** Whether the connection may carry another request after this one. */
export function mayCarryMore({ method, body, isWebSocket }: UpstreamRequest): boolean {
  return !isWebSocket && (body === 'none' || EXPECT_CONTENT.has(method));
}

/** `host` is the value of Host. */
export function requestHeadText(request: UpstreamRequest, host: string): string {
  const { method, path, passed, origin, fields, body, isWebSocket } = request;
  const blocks = passed.lines + origin.lines;
  let head = `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${blocks}${fieldLines(fields)}`;
  if (body === 'unknown') head += 'Transfer-Encoding: chunked\r\n';
  if (isWebSocket) head += 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
  else if (!mayCarryMore(request)) head += 'Connection: close\r\n';
  return `${head}\r\n`;
}
