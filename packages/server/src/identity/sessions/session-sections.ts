// The copies of sessions in memory: the sessions of the control listener, and the sessions for the gateway's
// workers.
import type { SessionFacts } from '@gatehouse/access';
import type { Actor, CommittedEvent, Events } from '../../platform/feed/events.ts';
import type { TableSection } from '../../platform/feed/section.ts';
import { createTableSection } from '../../platform/feed/section.ts';
import type { Job } from '../../platform/jobs/jobs.ts';
import type { Database } from '../../platform/store/database.ts';
import type { SessionStore } from '../store/session-queries.ts';
import type { StoredSession } from '../store/session-rows.ts';
import type { LastSeen } from './last-seen.ts';

export interface SessionSections {
  /** By id. Only for this process. */
  control: TableSection<StoredSession>;
  /** By id. The workers find a session by the hash of the cookie's value. */
  gateway: TableSection<SessionFacts>;
}

/** Events that end all sessions of their subject. The rows are deleted in the same transaction. */
export const ENDS_SESSIONS = /^identity\.(?:user_removed|user_disabled|password_changed)$/;

export function createSessionSections(database: Database, store: SessionStore): SessionSections {
  const control: TableSection<StoredSession> = createTableSection<StoredSession>(database, {
    name: 'control sessions',
    touches: (event) => touched(event, () => idsOf(control.entries, event.subject, ({ user }) => user)),
    async row(connection, id) {
      const session = await store.session(connection, id);
      return session?.host === null ? session : undefined;
    },
    page: async (connection, after, limit) =>
      (await store.sessionsAfter(connection, { at: 'control', after, limit })).map((each) => [each.id, each]),
  });
  const gateway: TableSection<SessionFacts> = createTableSection<SessionFacts>(database, {
    name: 'sessions',
    touches: (event) => touched(event, () => idsOf(gateway.entries, event.subject, ({ name }) => name)),
    async row(connection, id) {
      const session = await store.session(connection, id);
      return session && factsOf(session);
    },
    page: async (connection, after, limit) =>
      (await store.sessionsAfter(connection, { at: 'gateway', after, limit })).flatMap((each) => {
        const facts = factsOf(each);
        return facts ? [[each.id, facts] as [string, SessionFacts]] : [];
      }),
  });
  return { control, gateway };
}

function factsOf({
  user,
  host,
  amr,
  authTime,
  tokenEpoch,
  expiresAt,
}: StoredSession): SessionFacts | undefined {
  return host === null ? undefined : { name: user, host, amr, authTime, tokenEpoch, expiresAt };
}

function touched({ type, data }: CommittedEvent, all: () => string[]): string[] {
  if (type === 'identity.session_begun') return [String(data.id)];
  if (type === 'identity.session_ended') return (data.ids as string[]).map(String);
  return ENDS_SESSIONS.test(type) ? all() : [];
}

function idsOf<V>(
  entries: ReadonlyMap<string, V>,
  user: string | null,
  userOf: (value: V) => string,
): string[] {
  return [...entries].filter(([, value]) => userOf(value) === user).map(([id]) => id);
}

const SYSTEM: Actor = { kind: 'system', name: 'gatehouse' };
const SWEEP_INTERVAL_SECONDS = 60;

interface SweepDeps {
  database: Database;
  store: SessionStore;
  events: Events;
  lastSeen: LastSeen;
  now(): number;
}

/** Stores when sessions were used, and deletes expired ones. */
export function sweepSessions({ database, store, events, lastSeen, now }: SweepDeps): Job {
  return {
    name: 'record the use of sessions, and end expired ones',
    intervalSeconds: SWEEP_INTERVAL_SECONDS,
    async run() {
      const uses = lastSeen.take();
      const over = await database.write(async (tx) => {
        for (const [id, at] of uses) await store.touchSession(tx, id, at);
        const ended = await store.deleteOver(tx, { now: now(), idleSince: lastSeen.idleSince() });
        for (const [subject, all] of Map.groupBy(ended, ({ user }) => user)) {
          const data = { ids: all.map(({ id }) => id), reason: 'over' };
          const event = { actor: SYSTEM, outcome: 'success', subject, data } as const;
          await events.publish(tx, { type: 'identity.session_ended', ...event });
        }
        return ended;
      });
      for (const { id } of over) lastSeen.forget(id);
    },
  };
}
