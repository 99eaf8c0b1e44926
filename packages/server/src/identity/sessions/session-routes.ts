// Sessions of people in the admin API.
import { z } from 'zod';
import { json, noContent } from '../../platform/http/answer.ts';
import type { Route } from '../../platform/http/route.ts';
import { actorOf, route } from '../../platform/http/route.ts';
import { timestamp, toTimestamp } from '../../platform/http/schemas.ts';
import type { Session, Sessions } from './sessions.ts';

const sessionSchema = z
  .object({
    id: z.string(),
    user: z.string(),
    host: z
      .string()
      .nullable()
      .describe('The host of the gateway that the session is for; null: the control listener'),
    methods: z.array(z.string()).describe('How the user signed in (RFC 8176)'),
    authenticatedAt: timestamp.describe('When the user signed in'),
    createdAt: timestamp,
    lastSeenAt: timestamp.describe('To the minute'),
    expiresAt: timestamp.describe('When the session ends, even if it is in use'),
    address: z.string().describe('The address where it began'),
    userAgent: z.string(),
  })
  .meta({ id: 'Session' });

/** A session of a person in a browser. */
export type SessionView = z.output<typeof sessionSchema>;

const listQuery = z.strictObject({ user: z.string().optional().describe('Only sessions of this user') });

export function sessionRoutes(sessions: Sessions): Route[] {
  return [
    route({
      name: 'listSessions',
      method: 'GET',
      path: '/admin/sessions',
      permission: 'identity:ListSessions',
      summary: 'List the sessions of people in browsers',
      query: listQuery,
      answers: { 200: z.array(sessionSchema) },
      async handle({ query: { user } }) {
        const found = user === undefined ? await sessions.list() : await sessions.listOf(user);
        return json(found.map(sessionView));
      },
    }),
    route({
      name: 'endSession',
      method: 'DELETE',
      path: '/admin/sessions/:id',
      permission: 'identity:EndSession',
      summary: 'End a session',
      description:
        'Also ends the sessions of the gateway that came from it. Every worker applies it before the answer.',
      params: z.object({ id: z.string() }),
      answers: { 204: null },
      async handle(call) {
        await sessions.end(call.params.id, actorOf(call));
        return noContent();
      },
    }),
  ];
}

function sessionView(session: Session): SessionView {
  const { id, user, host, amr, address, userAgent } = session;
  return {
    id,
    user,
    host,
    methods: amr,
    authenticatedAt: toTimestamp(session.authTime),
    createdAt: toTimestamp(session.createdAt),
    lastSeenAt: toTimestamp(session.lastSeenAt),
    expiresAt: toTimestamp(session.expiresAt),
    address,
    userAgent,
  };
}
