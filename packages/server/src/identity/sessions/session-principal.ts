// The caller of a request to the control listener with the cookie of a session.
import type { Principal, UserFacts } from '@gatehouse/access';
import type { Call } from '../../platform/http/route.ts';
import { requireSameOrigin } from './same-origin.ts';
import type { Sessions } from './sessions.ts';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

export interface SessionPrincipalDeps {
  sessions: Pick<Sessions, 'of'>;
  /** By name. */
  users: ReadonlyMap<string, UserFacts>;
  /** The URL of the control listener. */
  origin: string;
}

/** Undefined without a session. Throws `forbidden` if a page of another site sent the request. */
export function principalOfSession(
  { sessions, users, origin }: SessionPrincipalDeps,
  call: Pick<Call, 'method' | 'header'>,
): Principal | undefined {
  const session = sessions.of(call);
  const user = session && users.get(session.user);
  if (!user) return undefined;
  if (!SAFE_METHODS.includes(call.method)) requireSameOrigin(call, origin);
  const { id, user: name, amr, authTime, tokenEpoch } = session;
  const proof = { amr, authTime: Math.floor(authTime / 1000), sessionId: id, tokenEpoch };
  return { kind: 'user', name, roles: user.roles, scopes: [], via: 'session', ...proof };
}
