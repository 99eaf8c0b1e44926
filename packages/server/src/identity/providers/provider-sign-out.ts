// Sign-out at the provider through which a person signed in here (OpenID Connect RP-Initiated Logout 1.0).
// The session here ends first, so nothing that the provider does can keep it. The way back proves nothing:
// it leads to a page that says what has ended.
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

/** Where the session that was the proof of a sign-in here goes on. */
export interface SignOutThere {
  /** Of the provider. */
  title: string;
  /** Ends it; undefined if the provider has no such place, or does not answer. */
  url: string | undefined;
  /** The field Set-Cookie, for the way back. */
  cookie: string;
  /** Whether the browser goes there without a click. */
  isImmediate: boolean;
}

export interface ProviderSignOuts {
  /** Reads what the sign-out there needs, before the session ends. The function asks the provider. */
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

/** The log has the reason. The page says where the person is still signed in. */
function ignoreUnavailable(error: unknown): undefined {
  if (!(error instanceof GatehouseError)) throw error;
}

export interface SignedOutDeps {
  pageRoute: PageRoute;
  providers: readonly OfferedProvider[];
}

/** Where the provider sends people who have signed out there. */
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
      // Someone else can lead a browser here: then nothing is said about the provider.
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
