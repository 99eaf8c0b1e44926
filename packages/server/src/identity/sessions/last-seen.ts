// When each session was last used, in memory. Once a minute, one commit stores the changes: a commit for each
// request would cost more than the request. After a crash, a session may seem unused for one more minute.
import type { Clock } from '@gatehouse/access';
import type { StoredSession } from '../store/session-rows.ts';

export interface LastSeen {
  /** Records that the session is used now. */
  note(id: string): void;
  /** Whether it has been idle for too long. */
  isIdle(session: Pick<StoredSession, 'id' | 'lastSeenAt'>): boolean;
  /** The session as of its last use. */
  applied(session: StoredSession): StoredSession;
  /** The uses that are not stored yet. The call marks them as stored. */
  take(): ReadonlyMap<string, number>;
  /** Sessions with an earlier last use have expired. */
  idleSince(): number;
  forget(id: string): void;
}

export function createLastSeen(idleSeconds: number, clock: Clock): LastSeen {
  const seen = new Map<string, number>();
  let unwritten = new Set<string>();
  const lastOf = ({ id, lastSeenAt }: Pick<StoredSession, 'id' | 'lastSeenAt'>) =>
    Math.max(lastSeenAt, seen.get(id) ?? 0);
  const idleSince = () => clock.now() - idleSeconds * 1000;
  return {
    note(id) {
      seen.set(id, clock.now());
      unwritten.add(id);
    },
    isIdle: (session) => lastOf(session) <= idleSince(),
    applied: (session) => ({ ...session, lastSeenAt: lastOf(session) }),
    take() {
      const taken = new Map([...unwritten].map((id) => [id, seen.get(id) ?? 0]));
      unwritten = new Set();
      return taken;
    },
    idleSince,
    forget(id) {
      seen.delete(id);
      unwritten.delete(id);
    },
  };
}
