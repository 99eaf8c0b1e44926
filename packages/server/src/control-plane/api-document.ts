// The description of the API: `GET /api/openapi.json`.
import { content, withContent } from '../platform/http/answer.ts';
import type { ApiGroup, OpenApiDocument } from '../platform/http/openapi.ts';
import { createOpenApi } from '../platform/http/openapi.ts';
import type { Route } from '../platform/http/route.ts';
import { route } from '../platform/http/route.ts';
import { VERSION } from '../platform/version.ts';

const DESCRIPTION = `Sign-in, administration, ACME and the public PKI of a Gatehouse.

Errors are problem documents (RFC 9457); those of ACME have the form of RFC 8555 §6.7. An operation with
\`x-permission\` needs a credential that is allowed to do it. Later versions may add members to answers.`;

/** The document also describes its own route. It is built on the first request. */
export function createApiRoute(groups: readonly ApiGroup[]): Route {
  let text: string | undefined;
  const own: Route = route({
    name: 'readApiDocument',
    method: 'GET',
    path: '/api/openapi.json',
    permission: 'public',
    summary: 'Read this document (OpenAPI 3.1)',
    answers: { 200: content('application/json') },
    handle() {
      text ??= JSON.stringify(describeApi([...groups, { name: 'api', routes: [own] }]));
      return withContent('application/json', text, { 'cache-control': 'no-cache' });
    },
  });
  return own;
}

function describeApi(groups: readonly ApiGroup[]): OpenApiDocument {
  return createOpenApi(groups, { title: 'Gatehouse', version: VERSION, description: DESCRIPTION });
}
