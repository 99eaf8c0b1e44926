// Connects the engine with the decisions of @gatehouse/access: request target, route, credential, policy and
// assertion, all from the snapshot in force.
import type {
  AdmissionRequest,
  Admission as Decisions,
  GatewayRoute,
  RequestTarget,
  SectionCopies,
  Snapshot,
} from '@gatehouse/access';
import {
  answerFields,
  CORS_ANSWER_FIELDS,
  clientPath,
  forwardedPath,
  GatehouseError,
  IN_HEADER_FIELDS,
  ORDINARY_METHODS,
  parseRequestTarget,
  SIGNATURE_FIELDS,
  stepUpChallenge,
  withResource,
} from '@gatehouse/access';
import type { Counts } from '../counts/counts.ts';
import type { Admission, AdmissionState, Admitted, LocalAnswer } from '../exchange/admission.ts';
import { fieldValue } from '../exchange/field-value.ts';
import type { FieldList } from '../http1/messages.ts';
import type { SealedRequests } from '../sealed/sealed-requests.ts';
import { isNavigation } from '../sign-in/navigation.ts';
import type { SignIn, SignInPlace } from '../sign-in/sign-in.ts';
import { answerKeys, answerMetadata, answerPreflight, originOf, serverOptions } from './local-answers.ts';
import { createMoments, RememberedAdmission } from './remembered-admission.ts';
import type { RequestClock } from './request-clock.ts';
import type { RouteUpstreams } from './route-upstreams.ts';
import { countSignature } from './signature-counts.ts';
import { signedBody } from './signed-body.ts';

export interface AdmissionDeps {
  decisions: Decisions;
  copies: Pick<SectionCopies, 'snapshot'>;
  clock: RequestClock;
  upstreams: RouteUpstreams;
  signIn: SignIn;
  /** Where people sign in. */
  place(): SignInPlace;
  /** Answers requests for the keys of sealed requests. */
  sealed: Pick<SealedRequests, 'answer'>;
  counts: Pick<Counts, 'outcome'>;
}

export function createAdmission(deps: AdmissionDeps): Admission {
  const { decisions, copies, clock, upstreams, signIn, place, sealed, counts } = deps;
  const presentMoment = createMoments(clock, upstreams);

  function pass(state: AdmissionState, found: Found): Admitted | Promise<Admitted> {
    const { snapshot, route, target } = found;
    const newest = copies.snapshot();
    // The TLS settings that the route names may have been removed.
    if (newest !== snapshot && !newest.routes.has(route)) return decide(state, newest, target);
    const assertion = state.principal && snapshot.assertions.sign(state.principal, route);
    // A revocation ends only admitted requests, so check again: the credential may have been revoked during
    // the admission.
    if (newest !== snapshot && !decisions.holds(state, newest)) {
      throw new GatehouseError('credential_invalid', 'The credential was revoked.');
    }
    return {
      route,
      upstream: upstreams.of(route),
      path: forwardedPath(route, target.path) + target.query,
      clientPath: hasPrefix(route) ? (sent) => clientPath(route, sent) : undefined,
      assertion,
      isOwnCredential: IN_HEADERS.has(state.principal?.via) ? always : snapshot.waysIn.issuedHere,
      body:
        state.principal?.via === 'signature' ? signedBody({ decisions, counts }, state, route) : undefined,
      template: undefined,
      asked: undefined,
    };
  }

  function decide(
    state: AdmissionState,
    snapshot: Snapshot,
    target: RequestTarget,
  ): Admitted | Promise<Admitted> {
    const { host, request } = state;
    const { method, target: sent, authorization, apiKey, dpop } = request;
    const hasContent = request.contentLength !== 0;
    const browser = browserOf(state);
    const canSignIn = () => isNavigation(request) && place().hosts.has(host);
    const { path } = target;
    // One literal: JavaScriptCore is slow to copy the members of another object.
    const asked = {
      method,
      host,
      target: sent,
      path,
      authorization,
      apiKey,
      dpop,
      hasContent,
      browser,
      canSignIn,
    };
    const admitted = decisions.admit(state, asked, snapshot);
    if (!(admitted instanceof Promise)) return pass(state, { snapshot, route: admitted, target });
    // A signature is always asynchronous, because its nonce must be claimed.
    return admitted.then(
      (route) => {
        countSignature(state, counts);
        return pass(state, { snapshot, route, target });
      },
      (error) => {
        countSignature(state, counts, error);
        throw error;
      },
    );
  }

  /** Decides on a request that does not repeat another request of the same moment. */
  function admitNew(state: AdmissionState, snapshot: Snapshot): ReturnType<Admission['admit']> {
    const { request, host } = state;
    if (request.method === 'OPTIONS' && request.target === '*') return serverOptions(state);
    if (NEVER_OFFERED.has(request.method)) throw notOffered(request.method);
    const target = parseRequestTarget(request.target);
    state.path = target.path;
    state.query = target.query;
    if (target.authority !== undefined && target.authority.toLowerCase() !== host) {
      throw new GatehouseError('host_invalid', 'The request target names another host than Host does.');
    }
    state.isChecked = ORDINARY_METHODS.includes(request.method);
    const keys = sealed.answer(state);
    if (keys) return keys;
    const preflight = request.method === 'OPTIONS' && answerPreflight(state, snapshot);
    if (preflight) return preflight;
    const metadata = answerMetadata(state, snapshot) ?? answerKeys(state, snapshot);
    if (metadata) return metadata;
    const own = signIn.answer(state, target.path, target.query);
    if (own) return own;
    try {
      const admitted = decide(state, snapshot, target);
      return admitted instanceof Promise ? admitted.catch((error) => invite(error, state, target)) : admitted;
    } catch (error) {
      return invite(error, state, target);
    } finally {
      // The route is known here, also for a refusal.
      addAnswerFields(state, snapshot);
    }
  }

  /** Redirects a person to the sign-in page if only a sign-in is missing. Throws any other error. */
  function invite(error: unknown, state: AdmissionState, { path, query }: RequestTarget): LocalAnswer {
    if (!(error instanceof GatehouseError) || error.code !== 'sign_in_required') throw error;
    return signIn.begin(state, path + query, error.requirement);
  }

  return {
    admit(state) {
      clock.tick();
      const snapshot = copies.snapshot();
      const moment = presentMoment(snapshot);
      const known = state.request.admission as RememberedAdmission | undefined;
      const again = known?.recall(moment, state);
      if (again) return again;
      const admitted = admitNew(state, snapshot);
      if (!mayRepeat(state, admitted)) return admitted;
      const renewed = known?.renew(moment, state, admitted);
      if (!renewed) state.request.admission = new RememberedAdmission(moment, state, admitted);
      return renewed ?? admitted;
    },
    holds(state) {
      clock.tick();
      return decisions.holds(state, copies.snapshot());
    },
    isRevoked: ({ presented }) => copies.snapshot().waysIn.isRevoked(presented),
    challenge(code, { route, principal }) {
      if (code === 'insufficient_user_authentication' && route?.require)
        return authenticate(
          stepUpChallenge(route.require, principal?.keyThumbprint === undefined ? 'Bearer' : 'DPoP'),
        );
      const { waysIn } = copies.snapshot();
      const challenge = waysIn.challenge(code, route?.accept);
      const fields = authenticate(route?.resource ? withResource(challenge, route.resource) : challenge);
      if (route?.accept.includes('signature')) fields.push('Accept-Signature', waysIn.acceptSignature(code));
      // If nonces are not always required, no other code has set it.
      if (code === 'dpop_nonce_required' && waysIn.dpopNonce() === undefined)
        fields.push('DPoP-Nonce', waysIn.dpopNonce(true) ?? '');
      return fields;
    },
    signer({ route, request, host: authority }) {
      if (!route?.signResponses) return undefined;
      const { method, target, fields } = request;
      const { answers } = copies.snapshot();
      return {
        maxBytes: route.maxSignedBytes ?? 0,
        async sign(answer) {
          const signature = await answers.sign({ method, target, authority, fields }, answer);
          counts.outcome('signedAnswer', 'signed');
          return [...signature];
        },
      };
    },
  };
}

/** Fields of the answer are not remembered. */
function mayRepeat(
  { isRepeatable, answerFields, replacedFields }: AdmissionState,
  admitted: ReturnType<Admission['admit']>,
): admitted is Admitted {
  return isRepeatable && !answerFields && !replacedFields && 'upstream' in admitted;
}

function authenticate(challenge: string): FieldList {
  return ['WWW-Authenticate', challenge];
}

/**
 * CORS, and the nonce for the client's next DPoP proof (RFC 9449 §8.2, §9). Signatures of answers come last.
 */
function addAnswerFields(state: AdmissionState, { waysIn }: Snapshot): void {
  const { route, request } = state;
  const nonce = request.dpop === undefined ? undefined : waysIn.dpopNonce();
  if (route?.signResponses) replaceFields(state, SIGNATURE_FIELDS);
  if (route?.cors) {
    state.answerFields = answerFields(route.cors, originOf(request.fields)).flat();
    replaceFields(state, CORS_ANSWER_FIELDS);
  }
  if (nonce === undefined) return;
  state.answerFields = [...(state.answerFields ?? []), 'DPoP-Nonce', nonce];
  replaceFields(state, NONCE);
}

const NONCE: ReadonlySet<string> = new Set(['dpop-nonce']);

function replaceFields(state: AdmissionState, names: ReadonlySet<string>): void {
  const { replacedFields: before } = state;
  state.replacedFields = before ? new Set([...before, ...names]) : names;
}

/** Only a request with cookies may have a session. */
function browserOf({ request, host }: AdmissionState): AdmissionRequest['browser'] {
  const { cookies, method, isWebSocket, fields } = request;
  if (cookies === undefined) return undefined;
  const site = fieldValue(fields, 'sec-fetch-site');
  return { cookies, method, isWebSocket, host, site, origin: originOf(fields) };
}

// A request has at most one credential in its header fields. If it was accepted, it is ours.
const IN_HEADERS = new Set<unknown>(IN_HEADER_FIELDS);
const always = (): boolean => true;

// CONNECT opens tunnels, and TRACE echoes fields that a client may not see (RFC 9110 §9.3.6, §9.3.8).
const NEVER_OFFERED = new Set(['CONNECT', 'TRACE', 'TRACK']);

function notOffered(method: string): GatehouseError {
  const options = { allow: ORDINARY_METHODS };
  return new GatehouseError('method_not_allowed', `The method ${method} is not offered.`, options);
}

function hasPrefix({ stripPrefix = '', addPrefix = '' }: GatewayRoute): boolean {
  return stripPrefix !== '' || addPrefix !== '';
}

interface Found {
  snapshot: Snapshot;
  route: GatewayRoute;
  target: RequestTarget;
}
