// Sign-out at the provider through which a person signed in here (OpenID Connect RP-Initiated Logout 1.0).
// The session here ends first, so the provider cannot prevent that. The return proves nothing: it leads to a
// page that says which sessions have ended.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { cookieValue, GatehouseError } from '@gatehouse/access';
import { z } from 'zod';
import type { Route } from '../../platform/http/route.ts';
import { markup } from '../../platform/pages/markup.ts';
import { page, seeOther } from '../../platform/pages/page.ts';
import type { PageRoute } from '../pages/page-route.ts';
import type { Session, Sessions } from '../sessions/sessions.ts';
import type { ProviderClient } from './provider-client.ts';
import type { OfferedProvider } from './provider-pages.ts';

/** The provider session that was the proof of a sign-in here. */
export interface SignOutThere {
  /** The title of the provider. */
  title: string;
  /** The URL that ends it; undefined if the provider has none, or does not answer. */
  url: string | undefined;
  /** The field Set-Cookie, for the return. */
  cookie: string;
  /** Whether the browser goes there without a click. */
  isImmediate: boolean;
}

export interface ProviderSignOuts {
  /**
   * Reads the data for the sign-out there before the session ends. The returned function asks the provider.
   *
   */
  prepare(session: Session): Promise<() => Promise<SignOutThere | undefined>>;
}

export interface ProviderSignOutDeps {
  /** By name. */
  clients: ReadonlyMap<string, ProviderClient>;
  sessions: Pick<Sessions, 'idTokenOf'>;
}

/** Below the path of a provider. */
export const SIGNED_OUT = 'signed-out';

const COOKIE = '__Host-gatehouse-sign-out';
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax';
const LIFETIME_SECONDS = 600;
const OCTETS = 32;

export function createProviderSignOuts({ clients, sessions }: ProviderSignOutDeps): ProviderSignOuts {
  return {
    async prepare({ id, through }) {
      const client = clients.get(through?.provider ?? '');
      if (!client || client.settings.signOutThere === 'never') return async () => undefined;
      const { name, title = name, signOutThere } = client.settings;
      const idToken = await sessions.idTokenOf(id);
      return async () => {
        const state = randomBytes(OCTETS).toString('base64url');
        const url = await client.signOutUrl({ state, idToken }).catch(ignoreUnavailable);
        const cookie = `${COOKIE}=${state}; ${ATTRIBUTES}; Max-Age=${LIFETIME_SECONDS}`;
        return { title, url, cookie, isImmediate: signOutThere === 'always' };
      };
    },
  };
}

/** The log has the reason. The page names the provider at which the person is still signed in. */
function ignoreUnavailable(error: unknown): undefined {
  if (!(error instanceof GatehouseError)) throw error;
}

export interface SignedOutDeps {
  pageRoute: PageRoute;
  providers: readonly OfferedProvider[];
}

/** The page to which the provider sends people after their sign-out. */
export function signedOutRoute({ pageRoute, providers }: SignedOutDeps): Route {
  return pageRoute({
    name: 'signedOutAtProvider',
    method: 'GET',
    path: `/auth/providers/:name/${SIGNED_OUT}`,
    summary: 'Says that a person has signed out at a sign-in provider',
    params: z.object({ name: z.string().max(64) }),
    query: z.object({ state: z.string().max(4096).default('') }),
    handle({ params, query, header }) {
      const provider = providers.find(({ name }) => name === params.name);
      // Another site can send a browser here. Then the page does not mention the provider.
      const isOurs = isSame(query.state, cookieValue(header('cookie') ?? '', COOKIE) ?? '');
      if (!provider || !isOurs) return seeOther('/signed-out');
      return page({
        title: 'Signed out',
        headers: { 'set-cookie': `${COOKIE}=; Max-Age=0; ${ATTRIBUTES}` },
        body: markup`<div class="card"><h1>You are signed out</h1>
<p>You are signed out here, and at ${provider.title}.</p>
<p><a href="/login">Sign in again</a></p></div>`,
      });
    },
  });
}

function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return other.length > 0 && one.length === other.length && timingSafeEqual(one, other);
}
