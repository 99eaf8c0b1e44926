// Answers of the gateway that need no upstream and no credential: preflights, and documents that clients
// fetch before they have a credential.
import type { Snapshot } from '@gatehouse/access';
import { preflightFields, preflightMethod } from '@gatehouse/access';
import type { AdmissionState, LocalAnswer } from '../exchange/admission.ts';
import { fieldValue } from '../exchange/field-value.ts';
import type { FieldList } from '../http1/messages.ts';

/** RFC 9110 §9.3.7: `OPTIONS *` asks about the server, not about a resource. */
export function serverOptions(state: AdmissionState): LocalAnswer {
  state.path = '*';
  state.decision = 'allowed';
  return { status: 204, fields: [] };
}

/**
 * Browsers send no credential with a preflight. Undefined for other requests, and for routes without a rule.
 *
 */
export function answerPreflight(state: AdmissionState, { routes }: Snapshot): LocalAnswer | undefined {
  const { request, host, path } = state;
  const origin = originOf(request.fields);
  const requestMethod = fieldValue(request.fields, 'access-control-request-method');
  const method = preflightMethod({ method: request.method, origin, requestMethod });
  if (method === undefined || origin === undefined) return undefined;
  const route = routes.match({ method, host, path });
  if (!route.cors) return undefined;
  state.route = route;
  state.decision = 'allowed';
  return { status: 204, fields: preflightFields(route.cors, origin).flat() };
}

/** The metadata of a resource, which clients fetch before they have a token (RFC 9728 §3.2). */
export function answerMetadata(state: AdmissionState, { routes }: Snapshot): LocalAnswer | undefined {
  const { request, host, path } = state;
  if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
  const resource = routes.resourceAt({ host, path });
  if (!resource) return undefined;
  state.decision = 'allowed';
  return { status: 200, fields: METADATA_FIELDS, body: resource.metadata };
}

/** The keys that sign answers, at the path at which clients of this origin expect them. */
export function answerKeys(state: AdmissionState, { routes, answers }: Snapshot): LocalAnswer | undefined {
  if (state.path !== SIGNATURE_KEYS || !routes.signsAnswers) return undefined;
  const { method } = state.request;
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  state.decision = 'allowed';
  return { status: 200, fields: METADATA_FIELDS, body: answers.keySet };
}

const SIGNATURE_KEYS = '/.well-known/gatehouse-signature-jwks.json';

const METADATA_FIELDS: FieldList = [
  'Content-Type',
  'application/json',
  'Cache-Control',
  'max-age=300',
  'Access-Control-Allow-Origin',
  '*',
];

export function originOf(fields: FieldList): string | undefined {
  return fieldValue(fields, 'origin');
}
