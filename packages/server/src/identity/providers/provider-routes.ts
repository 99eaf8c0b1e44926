// The routes of sign-in through other providers: the redirect to the provider, the return, links on the
// account page, and messages of a provider about sign-outs.
import { GatehouseError, localPath } from '@gatehouse/access';
import { z } from 'zod';
import type { Answer } from '../../platform/http/answer.ts';
import { form } from '../../platform/http/body.ts';
import type { Call, Route } from '../../platform/http/route.ts';
import { seeOther } from '../../platform/pages/page.ts';
import type { OwnActDeps } from '../pages/own-acts.ts';
import { ACCOUNT, done, withOwnFactor } from '../pages/own-acts.ts';
import type { PageRoute } from '../pages/page-route.ts';
import { secondFactorPage } from '../pages/sign-in-page.ts';
import { requireSameOrigin } from '../sessions/same-origin.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Links } from './links.ts';
import type { OfferedProvider } from './provider-pages.ts';
import { failurePage, onwardPage } from './provider-pages.ts';
import type { Finished, ProviderSignIn } from './provider-sign-in.ts';

export interface ProviderRouteDeps extends OwnActDeps {
  pageRoute: PageRoute;
  sessions: Sessions;
  providers: readonly OfferedProvider[];
  signIn: ProviderSignIn;
  links: Links;
  /** The URL of the control listener. */
  origin: string;
  /** The host of the gateway to which a sign-in for `next` leads, if it leads there. */
  hostOf(next: string): string | undefined;
}

const named = z.object({ name: z.string().max(64) });
const beginQuery = z.object({ next: z.string().max(8192).optional(), again: z.string().optional() });
const text = z.string().max(4096);
/** RFC 6749 §4.1.2, RFC 9207 §2. Providers may send more. */
const answerQuery = z.object({
  state: text.default(''),
  code: text.optional(),
  iss: text.optional(),
  error: text.optional(),
});
const byProvider = z.strictObject({ provider: z.string().max(64) });

/** The path of a provider’s own routes. */
export function providerPath(name: string): string {
  return `/auth/providers/${name}`;
}

export function providerRoutes(deps: ProviderRouteDeps): Route[] {
  return [beginRoute(deps), answerRoute(deps), formAnswerRoute(deps), ...linkRoutes(deps)];
}

function beginRoute({ pageRoute, signIn, origin }: ProviderRouteDeps): Route {
  return pageRoute({
    name: 'signInThroughProvider',
    method: 'GET',
    path: providerPath(':name'),
    summary: 'Sends the browser to a sign-in provider',
    params: named,
    query: beginQuery,
    async handle(call) {
      // Prevents pages of other sites from starting a sign-in.
      requireSameOrigin(call, origin);
      const next = localPath(call.query.next, ACCOUNT);
      try {
        const purpose = { next, again: call.query.again !== undefined };
        const { url, cookie } = await signIn.begin(call.params.name, purpose, call);
        return seeOther(url, { 'set-cookie': cookie });
      } catch (error) {
        return failurePage(error, { next, requestId: call.requestId });
      }
    },
  });
}

function answerRoute(deps: ProviderRouteDeps): Route {
  return deps.pageRoute({
    name: 'finishSignInThroughProvider',
    method: 'GET',
    path: `${providerPath(':name')}/callback`,
    summary: 'Takes the answer of a sign-in provider',
    params: named,
    query: answerQuery,
    async handle(call) {
      const query = call.target.slice(call.target.indexOf('?') + 1);
      const finished = await deps.signIn.finish(call.params.name, { query, state: call.query.state }, call);
      return answerTo(deps, finished, call);
    },
  });
}

/**
 * The same, as a form (OAuth 2.0 Form Post Response Mode). Browsers send no cookies with the form of another
 * site, so it becomes a navigation.
 */
function formAnswerRoute({ pageRoute }: ProviderRouteDeps): Route {
  return pageRoute({
    name: 'takeFormOfSignInProvider',
    method: 'POST',
    path: `${providerPath(':name')}/callback`,
    summary: 'Takes the answer of a sign-in provider that sends it as a form',
    isForeign: true,
    params: named,
    body: form(answerQuery),
    handle({ params: { name }, body }) {
      const given = Object.entries(body).filter(([, value]) => value !== undefined);
      return seeOther(`${providerPath(encodeURIComponent(name))}/callback?${new URLSearchParams(given)}`);
    },
  });
}

async function answerTo(
  { sessions, hostOf }: ProviderRouteDeps,
  finished: Finished,
  call: Pick<Call, 'header' | 'address' | 'requestId'>,
): Promise<Answer> {
  if (finished.kind === 'linked') return done('provider-linked');
  if (finished.kind === 'refused') return failurePage(finished.error, { ...finished, ...call });
  const { outcome, next } = finished;
  if ('mfaToken' in outcome) {
    return secondFactorPage({
      next,
      nextHost: hostOf(next),
      token: outcome.mfaToken,
      methods: outcome.methods,
    });
  }
  const { user, amr, authTime, through } = outcome;
  const proof = { user: user.name, tokenEpoch: user.tokenEpoch, amr, authTime: authTime * 1000, through };
  const { cookie } = await sessions.begin(proof, call);
  return seeOther(next, { 'set-cookie': cookie });
}

function linkRoutes(deps: ProviderRouteDeps): Route[] {
  const { pageRoute, signIn, links, providers } = deps;
  return [
    pageRoute({
      name: 'linkOwnProvider',
      method: 'POST',
      path: '/account/providers/link',
      summary: 'Link your account with one at a sign-in provider',
      body: form(byProvider),
      handle: (call) =>
        withOwnFactor(deps, call, async (session) => {
          const offered = providers.find(({ name }) => name === call.body.provider);
          if (!offered)
            throw new GatehouseError('not_found', 'There is no such provider: open your account again.');
          const linkFor = { sessionId: session.id, user: session.user };
          try {
            const { url, cookie } = await signIn.begin(
              offered.name,
              { next: ACCOUNT, again: false, linkFor },
              call,
            );
            return onwardPage(offered.title, url, cookie);
          } catch (error) {
            return failurePage(error, { next: ACCOUNT, requestId: call.requestId });
          }
        }),
    }),
    pageRoute({
      name: 'unlinkOwnProvider',
      method: 'POST',
      path: '/account/providers/unlink',
      summary: 'Remove the link of your account with one at a sign-in provider',
      body: form(byProvider),
      handle: (call) =>
        withOwnFactor(deps, call, async ({ user, id }, owner) => {
          await links.remove({ user, provider: call.body.provider }, owner, id);
          return done('provider-unlinked');
        }),
    }),
  ];
}
