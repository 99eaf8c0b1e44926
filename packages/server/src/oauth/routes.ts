// The endpoints of the authorization server. Forms are read strictly here first. Most requests for tokens are
// answered here, too; oidc-provider answers the others.

import { z } from 'zod';
import type { Sessions } from '../identity/index.ts';
import { requireSameOrigin } from '../identity/index.ts';
import type { Answer } from '../platform/http/answer.ts';
import { json } from '../platform/http/answer.ts';
import { octets } from '../platform/http/body.ts';
import type { Call, ErrorForm, Route } from '../platform/http/route.ts';
import { route } from '../platform/http/route.ts';
import { seeOther } from '../platform/pages/page.ts';
import { ENDPOINTS } from './provider/configuration.ts';
import type { DeviceLimits } from './provider/device-limits.ts';
import { tooManyCodesPage } from './provider/pages.ts';
import type { OidcProvider } from './provider/provider.ts';
import { KEEP_SESSION } from './provider/self-submitting.ts';
import { MARK } from './provider/token-adapter.ts';
import type { ClientCredentials } from './token/client-credentials.ts';
import { OauthError } from './token/oauth-error.ts';
import type { Parameters } from './token/parameters.ts';
import { readParameters } from './token/parameters.ts';

export interface EndpointDeps {
  oidc: OidcProvider;
  clientCredentials: ClientCredentials;
  deviceLimits: DeviceLimits;
  sessions: Sessions;
  /** The URL of the control listener. */
  origin: string;
  errors: ErrorForm;
  /** Counts a refused request for a token, for the ledger. */
  refused(error: OauthError, address: string): void;
}

const FORM = 'application/x-www-form-urlencoded';
const FORM_MAX_BYTES = 64 * 1024;
const anything = z.looseObject({});

export function endpointRoutes(deps: EndpointDeps): Route[] {
  const { oidc } = deps;
  return [
    formRoute(deps, {
      name: 'issueToken',
      path: ENDPOINTS.token,
      summary: 'Issue tokens (RFC 6749 §3.2)',
      handle: (call, parameters) => issue(deps, call, parameters),
    }),
    formRoute(deps, {
      name: 'introspectToken',
      path: ENDPOINTS.introspection,
      summary: 'Check whether a token is active (RFC 7662)',
      handle: (_call, parameters) => hand(oidc, marked(parameters)),
    }),
    formRoute(deps, {
      name: 'revokeToken',
      path: ENDPOINTS.revocation,
      summary: 'Revoke a token (RFC 7009)',
      handle: (_call, parameters) => hand(oidc, marked(parameters)),
    }),
    formRoute(deps, {
      name: 'pushAuthorizationRequest',
      path: ENDPOINTS.pushed_authorization_request,
      summary: 'Store an authorization request before the browser is redirected (RFC 9126)',
      handle: (_call, parameters) => hand(oidc, parameters.text({})),
    }),
    formRoute(deps, {
      name: 'authorizeDevice',
      path: ENDPOINTS.device_authorization,
      summary: 'Begin the sign-in of a device (RFC 8628 §3.1)',
      handle: (_call, parameters) => hand(oidc, parameters.text({})),
    }),
    formRoute(deps, {
      name: 'verifyDeviceCode',
      path: ENDPOINTS.code_verification,
      summary: 'Enter the code of a device',
      documented: false,
      handle: (call, parameters) => verifyDeviceCode(deps, call, parameters),
    }),
    formRoute(deps, {
      name: 'confirmEndOfSession',
      path: `${ENDPOINTS.end_session}/confirm`,
      summary: 'Decide whether to sign out',
      documented: false,
      handle: (call, parameters) => endSession(deps, call, parameters),
    }),
    passing(
      deps,
      'readUserInfo',
      'ANY',
      ENDPOINTS.userinfo,
      'Read the claims of a person (OpenID Connect Core §5.3)',
    ),
    turning(deps, 'authorizeWithForm', ENDPOINTS.authorization, 'Begin a sign-in with a form'),
    turning(deps, 'askToSignOutWithForm', ENDPOINTS.end_session, 'Sign out with a form'),
    passing(deps, 'authorize', 'GET', ENDPOINTS.authorization, 'Begin a sign-in (RFC 6749 §3.1)'),
    passing(deps, 'resumeAuthorization', 'GET', `${ENDPOINTS.authorization}/:uid`, 'Continue a sign-in'),
    passing(deps, 'askToSignOut', 'GET', ENDPOINTS.end_session, 'Sign out (RP-Initiated Logout §2)'),
    passing(
      deps,
      'sessionEnded',
      'GET',
      `${ENDPOINTS.end_session}/success`,
      'Says that a person is signed out',
    ),
    passing(
      deps,
      'showDeviceCode',
      'GET',
      ENDPOINTS.code_verification,
      'The page where a person types a device code',
    ),
    passing(
      deps,
      'resumeDevice',
      'GET',
      `${ENDPOINTS.code_verification}/:uid`,
      'Continue the sign-in of a device',
    ),
    passing(
      deps,
      'discover',
      'GET',
      '/.well-known/openid-configuration',
      'Describe the server (OpenID Connect Discovery)',
    ),
    passing(
      deps,
      'discoverOauth',
      'GET',
      '/.well-known/oauth-authorization-server',
      'Describe the server (RFC 8414)',
    ),
    ...CROSS_ORIGIN.map((path) => passing(deps, `options ${path}`, 'OPTIONS', path, 'CORS')),
  ];
}

/** Public clients in browsers call these from their own pages. */
const CROSS_ORIGIN = [
  ENDPOINTS.token,
  ENDPOINTS.revocation,
  ENDPOINTS.pushed_authorization_request,
  ENDPOINTS.device_authorization,
];

interface FormRow {
  name: string;
  path: string;
  summary: string;
  documented?: boolean;
  handle(call: Call, parameters: Parameters): Promise<Answer> | Answer;
}

function formRoute({ errors, refused }: EndpointDeps, row: FormRow): Route {
  const { name, path, summary, documented = true } = row;
  return route({
    name,
    method: 'POST',
    path,
    permission: 'public',
    summary,
    documented,
    body: octets(FORM, FORM_MAX_BYTES),
    answers: { 200: anything },
    errors,
    async handle(call) {
      try {
        return (await row.handle(call, readParameters(call.body))) as never;
      } catch (error) {
        if (error instanceof OauthError) refused(error, call.address);
        throw error;
      }
    },
  });
}

/**
 * These endpoints also accept forms of other sites (OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2).
 * Browsers send no cookies with such a form, so it becomes a navigation.
 */
function turning(deps: EndpointDeps, name: string, path: string, summary: string): Route {
  return formRoute(deps, {
    name,
    path,
    summary,
    documented: false,
    handle: (_call, parameters) => seeOther(`${path}?${parameters.text({})}`),
  });
}

function passing(
  { oidc, errors }: EndpointDeps,
  name: string,
  method: Route['method'],
  path: string,
  summary: string,
): Route {
  const params = path.endsWith(':uid') ? z.object({ uid: z.string() }) : undefined;
  return {
    name,
    method,
    path,
    permission: 'public',
    summary,
    params,
    answers: {},
    documented: false,
    errors,
    handle: () => hand(oidc, ''),
  };
}

async function issue(
  { oidc, clientCredentials, deviceLimits }: EndpointDeps,
  call: Call,
  parameters: Parameters,
) {
  const deviceCode = parameters.one('device_code');
  if (deviceCode !== undefined) deviceLimits.asked(deviceCode);
  const answer = await clientCredentials.issue(call, parameters);
  if (answer) return json(answer, 200, { pragma: 'no-cache' });
  return hand(oidc, await clientCredentials.formOf(call, parameters));
}

function verifyDeviceCode({ oidc, deviceLimits, refused }: EndpointDeps, call: Call, parameters: Parameters) {
  // Only the first step shows whether there is such a code.
  const isTyped = parameters.one('confirm') === undefined && parameters.one('abort') === undefined;
  const seconds = isTyped ? deviceLimits.typed(call.address) : 0;
  if (seconds === 0) return hand(oidc, parameters.text({}));
  refused(new OauthError('slow_down', 'Too many codes were tried: wait a minute.'), call.address);
  return tooManyCodesPage(seconds);
}

/** Ends our session, then lets oidc-provider end its own. */
async function endSession({ oidc, sessions, origin }: EndpointDeps, call: Call, parameters: Parameters) {
  requireSameOrigin(call, origin);
  const session = sessions.of(call);
  const isOurs = parameters.one(KEEP_SESSION) === undefined;
  if (session && isOurs && parameters.one('logout') !== undefined) {
    const { id, user: name } = session;
    await oidc.holding(id, () => sessions.end(id, { kind: 'user', name, address: call.address }));
  }
  return hand(oidc, parameters.text({}));
}

/** The form with its token marked, if it is a JWT: see `MARK`. */
function marked(parameters: Parameters): string {
  const token = parameters.one('token');
  const isJwt = token?.split('.').length === 3;
  return parameters.text(isJwt ? { token: `${MARK}${token}` } : {});
}

/** Lets oidc-provider answer the request, with this body. */
function hand(oidc: OidcProvider, body: string): Answer {
  const octets = Buffer.from(body, 'utf8');
  return {
    status: 200,
    headers: {},
    takeOver(incoming, outgoing) {
      if (octets.length > 0) incoming.headers['content-length'] = String(octets.length);
      return oidc.answer(incoming, outgoing, octets);
    },
  };
}
