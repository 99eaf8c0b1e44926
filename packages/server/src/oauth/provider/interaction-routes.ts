// The steps of a person during an authorization request: sign-in, and consent. The capability `identity` has
// the pages of sign-in.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock, StepUpRequirement } from '@gatehouse/access';
import { authenticationClass, GatehouseError } from '@gatehouse/access';
import type { Interaction, Provider } from 'oidc-provider';
import { z } from 'zod';
import type { Session, Sessions } from '../../identity/index.ts';
import { requireSameOrigin } from '../../identity/index.ts';
import type { Answer, ForeignHandler } from '../../platform/http/answer.ts';
import { content } from '../../platform/http/answer.ts';
import { form } from '../../platform/http/body.ts';
import type { Call, ErrorForm, Route } from '../../platform/http/route.ts';
import { route } from '../../platform/http/route.ts';
import { seeOther } from '../../platform/pages/page.ts';
import { asksForAdministration } from '../admin-scope.ts';
import { documentUrl } from '../client-document/document-url.ts';
import { INTERACTION } from './configuration.ts';
import type { Consents } from './consents.ts';
import { addScopes } from './consents.ts';
import { consentPage, goOnPage, signInAgainPage, targetOf } from './pages.ts';
import { ADMIN_REQUIREMENT, isStrongEnough, mayAdminister } from './policy.ts';
import type { OidcProvider } from './provider.ts';

export interface InteractionDeps {
  oidc: OidcProvider;
  sessions: Sessions;
  consents: Consents;
  clock: Clock;
  /** The requirement of the admin API. */
  adminRequirement: StepUpRequirement | undefined;
  /** The URL of the control listener. */
  origin: string;
  errors: ErrorForm;
}

const byUid = z.object({ uid: z.string().max(128) });
const decision = z.strictObject({ decision: z.enum(['allow', 'refuse']).optional() });

/** A step of a request: its prompt, and the request in Node's form. */
interface Step {
  call: Call;
  incoming: IncomingMessage;
  outgoing: ServerResponse;
  provider: Provider;
  details: Interaction;
  /** Our own session. */
  session: Session | undefined;
}

export function interactionRoutes(deps: InteractionDeps): Route[] {
  const { errors } = deps;
  const shared = { permission: 'public', params: byUid, documented: false, errors } as const;
  const answers = { 200: content('text/html') };
  return [
    route({
      ...shared,
      name: 'showInteraction',
      method: 'GET',
      path: `${INTERACTION}/:uid`,
      summary: 'Continue an authorization request',
      answers,
      handle: (call) => inStep(deps, call, (step) => show(deps, step)),
    }),
    route({
      ...shared,
      name: 'decideInteraction',
      method: 'POST',
      path: `${INTERACTION}/:uid`,
      summary: 'Allow or refuse an authorization request',
      body: form(decision),
      answers,
      handle(call) {
        requireSameOrigin(call, deps.origin);
        return inStep(deps, call, (step) => decide(deps, step, call.body.decision));
      },
    }),
  ];
}

/** Runs a step with the state of the request. The state is in a cookie that only oidc-provider reads. */
function inStep(deps: InteractionDeps, call: Call, act: (step: Step) => Promise<Answer | undefined>): never {
  const takeOver: ForeignHandler = async (incoming, outgoing) => {
    const answer = await stepAnswer(deps, { call, incoming, outgoing }, act).catch((error: unknown) =>
      deps.errors.answer(error, call.requestId),
    );
    if (answer) write(outgoing, answer);
  };
  return { status: 200, headers: {}, takeOver } as never;
}

async function stepAnswer(
  { oidc, sessions }: InteractionDeps,
  { call, incoming, outgoing }: Pick<Step, 'call' | 'incoming' | 'outgoing'>,
  act: (step: Step) => Promise<Answer | undefined>,
): Promise<Answer | undefined> {
  const provider = await oidc.current();
  const details = await provider.interactionDetails(incoming, outgoing).catch((cause: unknown) => {
    throw new GatehouseError(
      'bad_request',
      'This sign-in has ended, or began in another browser: go back to the service, and start again.',
      { cause },
    );
  });
  return act({ call, incoming, outgoing, provider, details, session: sessions.of(call) });
}

function write(outgoing: ServerResponse, { status, headers, body = '' }: Answer): void {
  outgoing.writeHead(status, headers as Record<string, string | string[]>);
  outgoing.end(body);
}

async function show(deps: InteractionDeps, step: Step): Promise<Answer | undefined> {
  const { details, session } = step;
  if (!session) return toSignIn(deps, step);
  if (details.prompt.name === 'login') return showSignIn(deps, step, session);
  return consentPage({
    client: await nameOf(step),
    documentHost: documentUrl(clientOf(details))?.host,
    user: session.user,
    scopes: missingScopes(details),
    redirectOrigin: targetOf(details.params.redirect_uri),
    isAdministration: asksForAdministration(details.params.scope),
    action: pathOf(details),
  });
}

async function showSignIn(deps: InteractionDeps, step: Step, session: Session): Promise<Answer | undefined> {
  const { details, call, provider, incoming, outgoing } = step;
  if (!isFresh(details, session)) return signInAgainPage(pathOf(details));
  if (!isStrongEnough(details.params.acr_values, session.amr)) {
    const error_description = 'The person cannot sign in with any of acr_values.';
    return finish(step, { error: 'unmet_authentication_requirements', error_description });
  }
  if (details.prompt.reasons.includes(ADMIN_REQUIREMENT) && !mayAdminister(session, deps)) {
    const error_description = 'Administration needs a second factor or a passkey, and the person has none.';
    return finish(step, { error: 'unmet_authentication_requirements', error_description });
  }
  const login = {
    accountId: session.user,
    acr: authenticationClass(session.amr),
    amr: [...session.amr],
    ts: Math.floor(session.authTime / 1000),
  };
  const location = await provider.interactionResult(incoming, outgoing, { login });
  const followsForm = call.header('referer')?.includes('/login') === true;
  return followsForm ? goOnPage(location) : seeOther(location);
}

/** Sends the person to the sign-in page, and stores the time. */
async function toSignIn(
  { clock }: InteractionDeps,
  { provider, details, incoming, outgoing }: Step,
): Promise<Answer> {
  const since: SignInSince = { signIn: { since: clock.now() } };
  await provider.interactionResult(incoming, outgoing, since as never);
  return seeOther(`/login?next=${encodeURIComponent(pathOf(details))}`);
}

/** Stored with the request until the person returns. */
interface SignInSince {
  signIn?: { since: number };
}

/** Whether the person signed in again for this request, if it requires a new or stronger sign-in. */
function isFresh({ prompt, params, result }: Interaction, { amr, authTime }: Session): boolean {
  const isAsked =
    prompt.reasons.some((reason) => ASKS_ANEW.has(reason)) || !isStrongEnough(params.acr_values, amr);
  const { signIn } = (result ?? {}) as SignInSince;
  return !isAsked || (signIn !== undefined && authTime >= signIn.since);
}

const ASKS_ANEW: ReadonlySet<string> = new Set(['login_prompt', 'max_age', ADMIN_REQUIREMENT]);

async function decide(
  deps: InteractionDeps,
  step: Step,
  chosen: 'allow' | 'refuse' | undefined,
): Promise<Answer | undefined> {
  const { details, session, call } = step;
  if (!session) return toSignIn(deps, step);
  const actor = { kind: 'user', name: session.user, address: call.address } as const;
  if (details.prompt.name === 'login') {
    const signIn = await toSignIn(deps, step);
    // The request belongs to the session of oidc-provider, which continues after the person has signed in
    // again.
    await deps.oidc.holding(session.id, () => deps.sessions.end(session.id, actor));
    return signIn;
  }
  const consent = { user: session.user, client: clientOf(details), scopes: missingScopes(details) };
  if (chosen !== 'allow') {
    await deps.consents.refuse(consent, actor);
    return finish(step, { error: 'access_denied', error_description: 'The person did not allow it.' });
  }
  await deps.consents.allow(consent, actor);
  return finish(step, { consent: { grantId: await grantOf(step, session, consent.scopes) } });
}

async function grantOf(
  { provider, details }: Step,
  session: Session,
  scopes: readonly string[],
): Promise<string> {
  const known = details.grantId === undefined ? undefined : await provider.Grant.find(details.grantId);
  // Another person may have signed in since the request began, and the grant is of the one before.
  const own = known?.accountId === session.user ? known : undefined;
  const grant = own ?? new provider.Grant({ accountId: session.user, clientId: clientOf(details) });
  const { missingResourceScopes = {} } = details.prompt.details as MissingScopes;
  addScopes(grant, scopes, Object.keys(missingResourceScopes));
  return grant.save();
}

async function finish({ provider, incoming, outgoing }: Step, result: object): Promise<Answer> {
  return seeOther(await provider.interactionResult(incoming, outgoing, result as never));
}

interface MissingScopes {
  missingOIDCScope?: string[];
  missingResourceScopes?: Record<string, string[]>;
}

function missingScopes({ prompt, params }: Interaction): string[] {
  const { missingOIDCScope = [], missingResourceScopes = {} } = prompt.details as MissingScopes;
  const missing = [...missingOIDCScope, ...Object.values(missingResourceScopes).flat()];
  // Native clients need consent each time, because another program could use their name (RFC 8252 §8.6).
  const all = missing.length > 0 ? missing : String(params.scope ?? '').split(' ');
  return [...new Set(all.filter(Boolean))];
}

async function nameOf({ provider, details }: Step): Promise<string> {
  const client = await provider.Client.find(clientOf(details));
  return client?.clientName ?? clientOf(details);
}

function clientOf({ params }: Interaction): string {
  return String(params.client_id);
}

function pathOf({ uid }: Interaction): string {
  return `${INTERACTION}/${uid}`;
}
