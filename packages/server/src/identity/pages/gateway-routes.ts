// The pages of a sign-in at the gateway: the redirect with the code, the page for a failure, and the page for
// the end of a session.
import type { Clock, StepUpRequirement } from '@gatehouse/access';
import { GatehouseError, localPath, numericDate, requireStrength } from '@gatehouse/access';
import { z } from 'zod';
import type { Answer } from '../../platform/http/answer.ts';
import type { Route } from '../../platform/http/route.ts';
import { wholeNumber } from '../../platform/http/schemas.ts';
import { markup } from '../../platform/pages/markup.ts';
import { page, seeOther } from '../../platform/pages/page.ts';
import type { GatewaySignIn } from '../sessions/gateway-sign-in.ts';
import type { Session, Sessions } from '../sessions/sessions.ts';
import type { PageRoute } from './page-route.ts';

export interface GatewayRouteDeps {
  pageRoute: PageRoute;
  sessions: Sessions;
  gateway: GatewaySignIn;
  clock: Clock;
}

const GATEWAY_SIGN_IN = '/login/gateway';
const host = z.string().max(300);
const signInQuery = z.object({
  host,
  state: z.string().regex(/^[\w-]{43}$/, 'must be a state of the gateway'),
  path: z.string().max(4096),
  level: z.enum(['mfa', 'phishing-resistant']).optional(),
  max_age: wholeNumber({ min: 0, max: 10 * 365 * 86_400 }).optional(),
});

export function gatewayRoutes({ sessions, gateway, pageRoute, clock }: GatewayRouteDeps): Route[] {
  return [
    pageRoute({
      name: 'signInAtGateway',
      method: 'GET',
      path: GATEWAY_SIGN_IN,
      summary: 'Sends a person who is signed in back to the gateway with a one-time code',
      query: signInQuery,
      async handle(call) {
        const { host, state } = call.query;
        if (!gateway.isOwnHost(host)) throw strangeHost(host);
        const session = sessions.of(call);
        const next = pathOf(call.target);
        if (!session) return seeOther(`/login?${new URLSearchParams({ next })}`);
        const requirement = { level: call.query.level, maxAgeSeconds: call.query.max_age };
        if (!satisfies(session, requirement, clock)) {
          // If the person has just signed in, they have no stronger factor.
          if (clock.now() - session.authTime < JUST_NOW_MS) return tooWeakPage(requirement);
          return seeOther(`/login?${new URLSearchParams({ next, again: '1' })}`);
        }
        return seeOther(await gateway.begin({ host, state, path: localPath(call.query.path, '/') }, session));
      },
    }),
    pageRoute({
      name: 'signInFailed',
      method: 'GET',
      path: '/login/failed',
      summary: 'Says that a sign-in at the gateway did not finish',
      query: z.object({ host, path: z.string().max(4096) }),
      handle(call) {
        const { host } = call.query;
        if (!gateway.isOwnHost(host)) throw strangeHost(host);
        const again = `https://${host}${localPath(call.query.path, '/')}`;
        return page({
          title: 'The sign-in did not finish',
          status: 400,
          body: markup`<div class="card"><h1>The sign-in did not finish</h1>
<p>It took too long, or you began in another browser. Nothing was changed.</p>
<div class="actions"><a class="button" href="${again}">Try again</a></div></div>`,
        });
      },
    }),
    pageRoute({
      name: 'signedOutAtGateway',
      method: 'GET',
      path: '/signed-out',
      summary: 'Says that a session at the gateway has ended',
      query: z.object({ host: host.optional() }),
      handle(call) {
        const { host = '' } = call.query;
        const where = gateway.isOwnHost(host) ? markup` of <strong>${host}</strong>` : markup``;
        const rest = sessions.of(call)
          ? markup`<p>You are still signed in here, so its pages open again without a password.</p>
<form method="post" action="/logout"><button class="full" type="submit">Sign out everywhere</button></form>`
          : markup`<p><a href="/login">Sign in again</a></p>`;
        return page({
          title: 'Signed out',
          body: markup`<div class="card"><h1>You are signed out${where}</h1>${rest}</div>`,
        });
      },
    }),
  ];
}

/**
 * The host that `next` leads to, if it is a host of the gateway: the answer to a form may then redirect to
 * it.
 */
export function gatewayHostIn(next: string, gateway: Pick<GatewaySignIn, 'isOwnHost'>): string | undefined {
  const url = new URL(next, 'https://gatehouse.invalid');
  const host = url.searchParams.get('host') ?? '';
  return url.pathname === GATEWAY_SIGN_IN && gateway.isOwnHost(host) ? host : undefined;
}

const JUST_NOW_MS = 60_000;

function satisfies({ amr, authTime }: Session, requirement: StepUpRequirement, clock: Clock): boolean {
  const principal = { kind: 'user', via: 'session', amr, authTime: Math.floor(authTime / 1000) } as const;
  try {
    requireStrength(principal, requirement, numericDate(clock));
    return true;
  } catch (error) {
    if (error instanceof GatehouseError) return false;
    throw error;
  }
}

function tooWeakPage({ level }: StepUpRequirement): Answer {
  const wanted = level === 'mfa' ? 'a second step, such as an authenticator app or a passkey' : 'a passkey';
  return page({
    title: 'A stronger sign-in is needed',
    status: 403,
    body: markup`<div class="card"><h1>A stronger sign-in is needed</h1>
<p>This page requires ${wanted}. Add one to your account, then sign in with it.</p>
<div class="actions"><a class="button" href="/account">My account</a></div></div>`,
  });
}

function pathOf(target: string): string {
  return target.replace(/^https?:\/\/[^/?#]*/i, '');
}

function strangeHost(host: string): GatehouseError {
  return new GatehouseError(
    'bad_request',
    `People cannot sign in at ${host}, which is not a configured host of this gateway: open the page again, with its public URL.`,
  );
}
