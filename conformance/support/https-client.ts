// An ordinary HTTPS client, for tests that need no control of single bytes: one request, one answer.
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { Agent } from 'node:https';
import { request } from 'node:https';
import type { SecureContext } from 'node:tls';
import { createSecureContext } from 'node:tls';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  rawHeaders: string[];
  body: Buffer;
  text(): string;
  json(): { [key: string]: unknown };
}

export interface Question {
  port: number;
  ca: string;
  path: string;
  method?: string;
  headers?: OutgoingHttpHeaders;
  body?: string | Buffer;
  /** Default: a new connection. */
  agent?: Agent;
}

export function ask({
  path,
  port,
  ca,
  method = 'GET',
  headers = {},
  body,
  agent,
}: Question): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      servername: 'localhost',
      // An agent may have a certificate for its own context.
      ...(agent ? { ca } : { secureContext: contextFor(ca) }),
      path,
      method,
      agent: agent ?? false,
    };
    const host = { host: `localhost:${port}` };
    const outgoing = request({ ...options, headers: { ...host, ...headers } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const content = Buffer.concat(chunks);
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          rawHeaders: answer.rawHeaders,
          body: content,
          text: () => content.toString('utf8'),
          json: () => JSON.parse(content.toString('utf8')) as { [key: string]: unknown },
        });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const contexts = new Map<string, SecureContext>();

/** For connections that trust this root. Node would make one for each connection. */
export function contextFor(ca: string): SecureContext {
  const context = contexts.get(ca) ?? createSecureContext({ ca });
  contexts.set(ca, context);
  return context;
}
