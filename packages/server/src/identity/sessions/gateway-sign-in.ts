// The control plane's side of a sign-in at the gateway. A person who is signed in here gets a one-time code,
// bound to the host and to the state of the browser that asked. The gateway exchanges it for its own
// session.
import { createHash, randomBytes } from 'node:crypto';
import type { GatewayRoute, SignedIn, SignedOut } from '@gatehouse/access';
import { GatehouseError, signInHosts } from '@gatehouse/access';
import type { Section } from '../../platform/feed/feed.ts';
import type { ShortLivedStore } from '../../platform/short-lived/short-lived-store.ts';
import type { Database } from '../../platform/store/database.ts';
import type { SessionStore } from '../store/session-queries.ts';
import type { Session, Sessions } from './sessions.ts';

/** The parameters of the gateway's redirect. */
export interface SignInRequest {
  host: string;
  /** SHA-256, in base64url, of the state that this browser has. */
  state: string;
  /** The path of the browser before the sign-in. */
  path: string;
}

export interface GatewaySignIn {
  /** Whether people can sign in at this host of the gateway. */
  isOwnHost(host: string): boolean;
  /** The URL at the gateway that finishes the sign-in. */
  begin(request: SignInRequest, session: Session): Promise<string>;
  /** Begins the session at the gateway. Throws `sign_in_incomplete`. */
  finish(signedIn: SignedIn): Promise<void>;
  /** Ends a session at the gateway, if there is one. */
  end(signedOut: SignedOut): Promise<void>;
}

/** A code that waits for the gateway. */
export interface GatewayCode extends Pick<SignInRequest, 'host' | 'state'> {
  /** The session for which it was made. */
  sessionId: string;
}

const CODE_SECONDS = 60;
const CODE_OCTETS = 32;

export interface GatewaySignInDeps {
  sessions: Sessions;
  store: SessionStore;
  database: Pick<Database, 'read'>;
  codes: ShortLivedStore<GatewayCode>;
  /** The sections of the gateway: its routes are among them. */
  sections(): readonly Section[];
  gatewayUrl: string;
}

export function createGatewaySignIn(deps: GatewaySignInDeps): GatewaySignIn {
  const { sessions, store, database, codes, sections, gatewayUrl } = deps;

  function hosts(): ReadonlySet<string> {
    const routes = sections().find(({ name }) => name === 'routes') as Section<GatewayRoute> | undefined;
    return signInHosts(routes?.entries.values() ?? [], gatewayUrl);
  }

  return {
    isOwnHost: (host) => hosts().has(host),
    async begin({ host, state, path }, { id, user }) {
      const code = randomBytes(CODE_OCTETS).toString('base64url');
      const value = { host, state, sessionId: id };
      await codes.put(digest(code), value, { owner: user, lifetimeSeconds: CODE_SECONDS });
      return `https://${host}/.gatehouse/callback?${new URLSearchParams({ code, path })}`;
    },
    async finish({ code, state, host, id, address, requestId }) {
      const known = await codes.take(code);
      const parent = known && sessions.find(known.sessionId);
      if (known?.host !== host || known.state !== state || !parent) throw incomplete();
      await sessions.beginAt(host, parent, { id, address, requestId }).catch((error: unknown) => {
        throw isEnded(error) ? incomplete() : error;
      });
    },
    async end({ id, address }) {
      const session = await store.session(database.read, id);
      if (!session || session.host === null) return;
      await sessions.end(id, { kind: 'user', name: session.user, address });
    },
  };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function isEnded(error: unknown): boolean {
  return error instanceof GatehouseError && error.code === 'unauthenticated';
}

function incomplete(): GatehouseError {
  return new GatehouseError(
    'sign_in_incomplete',
    'The sign-in began in another browser, or took too long: sign in again.',
  );
}
