// Sign-in of people in browsers. A navigation without a session goes to the sign-in page of the control
// listener and comes back with a one-time code, which the control plane exchanges for a session. The state
// cookie connects the redirect to its return, so that an attacker's code is refused (login CSRF, RFC 9700
// §4.7).
import { createHash, randomBytes } from 'node:crypto';
import type { FactRecorder, StepUpRequirement } from '@gatehouse/access';
import { cookieValue, GATEWAY_COOKIE, GatehouseError, localPath, sessionIdOf } from '@gatehouse/access';
import type { AdmissionState, LocalAnswer } from '../exchange/admission.ts';
import { fieldValue } from '../exchange/field-value.ts';

/** Paths with this beginning belong to the gateway, on hosts with a route that accepts sessions. */
const OWN_PATHS = '/.gatehouse/';
const STATE_COOKIE = '__Host-gatehouse-state';
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax';
const STATE_SECONDS = 600;
const SECRET_OCTETS = 32;
const CODE = /^[\w-]{43}$/;
/** A secret during the sign-in, empty afterwards; and the number of consecutive redirects of the browser. */
const STATE = /^([\w-]{43})?\.(\d)$/;
const MAX_ROUNDS = 3;
const PAUSE_SECONDS = 10;
/** Each `%` becomes three octets in the redirect, and again on the page, so a longer path would not fit. */
const PATH_LENGTH = 1500;

/** Where sign-in happens, from the sections in force. */
export interface SignInPlace {
  /** The URL of the control listener. */
  control: string;
  /** The hosts at which people can sign in. */
  hosts: ReadonlySet<string>;
}

export interface SignIn {
  /** The answer to a request for a path of ours; undefined for other paths. */
  answer(state: AdmissionState, path: string, query: string): Promise<LocalAnswer> | LocalAnswer | undefined;
  /**
   * Sends the browser to the sign-in page. With a requirement, also if the person is signed in. Throws
   * `sign_in_incomplete` if the browser comes back without a session several times.
   */
  begin(state: AdmissionState, path: string, requirement?: StepUpRequirement): LocalAnswer;
}

export function createSignIn(facts: FactRecorder, place: () => SignInPlace): SignIn {
  async function finish(state: AdmissionState, query: URLSearchParams): Promise<LocalAnswer> {
    const { host, address, requestId } = state;
    const path = localPath(query.get('path') ?? undefined, '/');
    const { secret, rounds } = stateOf(state);
    const code = query.get('code') ?? '';
    if (secret === undefined || !CODE.test(code)) return failed(host, path);
    const session = newSecret();
    try {
      const id = sessionIdOf(session);
      const bound = { code: digest(code), state: digest(secret), host, id };
      await facts.record({ type: 'signedIn', ...bound, address, requestId });
    } catch (error) {
      if (error instanceof GatehouseError && error.code === 'sign_in_incomplete') return failed(host, path);
      throw error;
    }
    state.decision = 'allowed';
    return redirect(`https://${host}${path}`, [
      cookie(GATEWAY_COOKIE, session),
      cookie(STATE_COOKIE, `.${rounds}`, PAUSE_SECONDS),
    ]);
  }

  function failed(host: string, path: string): LocalAnswer {
    const query = new URLSearchParams({ host, path });
    return redirect(`${place().control}/login/failed?${query}`, []);
  }

  /** A link on another site must not end the session without confirmation. */
  async function signOut(state: AdmissionState): Promise<LocalAnswer> {
    const { request, host, address, requestId } = state;
    const site = fieldValue(request.fields, 'sec-fetch-site');
    const isOwn = site === undefined || site === 'same-origin' || site === 'none';
    const origin = fieldValue(request.fields, 'origin');
    if (!isOwn || (origin !== undefined && origin !== `https://${host}`)) {
      return redirect(`${place().control}/logout`, []);
    }
    const session = cookieValue(request.cookies ?? '', GATEWAY_COOKIE);
    if (session !== undefined) {
      await facts.record({ type: 'signedOut', id: sessionIdOf(session), address, requestId });
    }
    state.decision = 'allowed';
    const gone = [cookie(GATEWAY_COOKIE, '', 0), cookie(STATE_COOKIE, '', 0)];
    return redirect(`${place().control}/signed-out?${new URLSearchParams({ host })}`, gone);
  }

  return {
    answer(state, path, query) {
      const { method } = state.request;
      if (!path.startsWith(OWN_PATHS) || !place().hosts.has(state.host)) return undefined;
      if (path === `${OWN_PATHS}callback` && method === 'GET')
        return finish(state, new URLSearchParams(query));
      if (path === `${OWN_PATHS}logout` && (method === 'GET' || method === 'POST')) return signOut(state);
      throw new GatehouseError('not_found', 'No route leads to this path.');
    },
    begin(state, path, { level, maxAgeSeconds } = {}) {
      const { host } = state;
      // Tabs that are open at the same time share one secret.
      const { secret = newSecret(), rounds } = stateOf(state);
      if (rounds === MAX_ROUNDS) throw notKept();
      const query = new URLSearchParams({
        host,
        state: digest(secret),
        path: path.length > PATH_LENGTH ? '/' : localPath(path, '/'),
      });
      if (level !== undefined) query.set('level', level);
      if (maxAgeSeconds !== undefined) query.set('max_age', String(maxAgeSeconds));
      return redirect(`${place().control}/login/gateway?${query}`, [
        cookie(STATE_COOKIE, `${secret}.${rounds + 1}`, STATE_SECONDS),
      ]);
    },
  };
}

function stateOf({ request }: AdmissionState): { secret: string | undefined; rounds: number } {
  const [, secret, rounds = '0'] = STATE.exec(cookieValue(request.cookies ?? '', STATE_COOKIE) ?? '') ?? [];
  return { secret, rounds: Number(rounds) };
}

function cookie(name: string, value: string, seconds?: number): string {
  return `${name}=${value}; ${ATTRIBUTES}${seconds === undefined ? '' : `; Max-Age=${seconds}`}`;
}

function redirect(location: string, cookies: readonly string[]): LocalAnswer {
  const set = cookies.flatMap((value) => ['Set-Cookie', value]);
  // Other sites must not get the code in the URL.
  const fields = [
    'Location',
    location,
    'Cache-Control',
    'no-store',
    'Referrer-Policy',
    'no-referrer',
    ...set,
  ];
  return { status: 303, fields };
}

function newSecret(): string {
  return randomBytes(SECRET_OCTETS).toString('base64url');
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function notKept(): GatehouseError {
  return new GatehouseError(
    'sign_in_incomplete',
    'You have signed in, but the browser did not store the session cookie: allow cookies for this site, then open the page again.',
  );
}
