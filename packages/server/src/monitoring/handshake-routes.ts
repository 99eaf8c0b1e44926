// The log of TLS handshakes in the admin API: a page of it, or an endless stream.
import { z } from 'zod';
import { content, json } from '../platform/http/answer.ts';
import { eventStream } from '../platform/http/event-stream.ts';
import type { Route } from '../platform/http/route.ts';
import { route } from '../platform/http/route.ts';
import { limit, timestamp, toTimestamp, wholeNumber } from '../platform/http/schemas.ts';
import type { HandshakeLog, LoggedHandshake } from './handshake-log.ts';

const handshakeSchema = z
  .object({
    seq: z.int().describe('The sequence number, from 1 since the start of the server'),
    time: timestamp.describe('When the client connected'),
    listener: z.enum(['gateway', 'control']),
    address: z.string().describe('The IP address of the client'),
    version: z.string().nullable().describe('`TLSv1.3`; null: the handshake failed before'),
    cipher: z.string().nullable().describe('`TLS_AES_256_GCM_SHA384`'),
    group: z.string().nullable().describe('`X25519MLKEM768`'),
    sni: z.string().nullable().describe('The host name that the client asked for'),
    alpn: z.string().nullable().describe('`http/1.1`'),
    resumed: z.boolean().describe('Whether an earlier session was resumed'),
    peerCertificate: z
      .object({
        serialNumber: z.string().nullable().describe('In hex; null: the certificate cannot be read'),
        error: z.string().nullable().describe('Why it did not verify'),
      })
      .nullable()
      .describe('The certificate of the client'),
    durationMs: z.number(),
    failure: z.string().nullable().describe('Why the handshake failed, in words'),
  })
  .meta({ id: 'Handshake' });

/** One handshake of the log. */
export type Handshake = z.output<typeof handshakeSchema>;

const after = wholeNumber({ min: 0 }).optional();

export function handshakeRoutes(log: HandshakeLog): Route[] {
  return [
    route({
      name: 'listHandshakes',
      method: 'GET',
      path: '/admin/tls/handshakes',
      permission: 'tls:ListHandshakes',
      summary: 'Read the log of TLS handshakes',
      query: z.strictObject({
        limit: limit(100),
        after: after.describe('A sequence number: the handshakes after it. Default: the newest handshakes'),
      }),
      answers: { 200: z.object({ handshakes: z.array(handshakeSchema) }) },
      handle({ query }) {
        const found =
          query.after === undefined ? log.latest(query.limit) : log.after(query.after, query.limit);
        return json({ handshakes: found.map(handshakeOf) });
      },
    }),
    route({
      name: 'followHandshakes',
      method: 'GET',
      path: '/admin/tls/handshakes/stream',
      permission: 'tls:ListHandshakes',
      summary: 'Follow the log of TLS handshakes',
      description:
        'An endless stream of server-sent events. Each event is a handshake in JSON, with its number as the id.',
      query: z.strictObject({
        after: after.describe('A sequence number: begin after it. Default: with the next handshake'),
      }),
      answers: { 200: content('text/event-stream') },
      handle(call) {
        const known = Number(call.header('last-event-id') ?? Number.NaN);
        const start = call.query.after ?? (Number.isSafeInteger(known) ? known : log.latest(1)[0]?.seq);
        return eventStream(events(log, start ?? 0, call.signal()));
      },
    }),
  ];
}

async function* events(log: HandshakeLog, start: number, signal: AbortSignal) {
  for await (const handshake of log.follow(start, signal)) {
    yield { id: String(handshake.seq), data: handshakeOf(handshake) };
  }
}

function handshakeOf({ seq, time, durationMs, ...rest }: LoggedHandshake): Handshake {
  return { seq, time: toTimestamp(time), ...rest, durationMs: Math.round(durationMs * 1000) / 1000 };
}
