// Routes over plain HTTP, for anyone: roots, authorities, revocation lists, OCSP answers. All of these are
// signed (RFC 5280 §8).
import { GatehouseError } from '@gatehouse/access';
import { z } from 'zod';
import { content, withContent } from '../../platform/http/answer.ts';
import { octets } from '../../platform/http/body.ts';
import type { Route } from '../../platform/http/route.ts';
import { route } from '../../platform/http/route.ts';
import type { Authorities } from '../hierarchy/authorities.ts';
import { PUBLIC_PATH } from '../hierarchy/publication.ts';
import type { Ocsp, OcspAnswer } from './ocsp.ts';
import type { RevocationLists } from './revocation-lists.ts';

export interface PublicRoutesDeps {
  authorities: Authorities;
  lists: RevocationLists;
  ocsp: Ocsp;
}

// Ordinary requests of RFC 6960 have at most a few hundred octets.
const MAX_OCSP_REQUEST_BYTES = 16 * 1024;
const MINUTE_SECONDS = 60;

const OCSP_RESPONSE = 'application/ocsp-response';
const byFile = z.object({
  file: z
    .string()
    .transform((file) => file.split('.')[0] ?? '')
    .describe('The key identifier of the authority in hex, and the ending'),
});

export function publicRoutes(deps: PublicRoutesDeps): Route[] {
  return [...authorityRoutes(deps), ...ocspRoutes(deps)];
}

function authorityRoutes({ authorities, lists }: PublicRoutesDeps): Route[] {
  return [
    route({
      name: 'readRoots',
      method: 'GET',
      path: PUBLIC_PATH.roots,
      permission: 'public',
      summary: 'Read the root certificates, PEM',
      answers: { 200: content('application/x-pem-file') },
      handle: () =>
        cacheable(Buffer.from(authorities.current().rootsPem), 'application/x-pem-file', MINUTE_SECONDS),
    }),
    route({
      name: 'readAuthorityCertificate',
      method: 'GET',
      path: `${PUBLIC_PATH.certificate}/:file{[0-9a-f]{40}\\.cer}`,
      permission: 'public',
      summary: 'Read the certificate of an authority, DER',
      params: byFile,
      answers: { 200: content('application/pkix-cert') },
      handle({ params }) {
        const { roots, intermediates } = authorities.current();
        const found = [...roots, ...intermediates].find((authority) => authority.id === params.file);
        if (!found) throw nothing();
        return cacheable(found.certificate.der, 'application/pkix-cert', MINUTE_SECONDS);
      },
    }),
    route({
      name: 'readRevocationList',
      method: 'GET',
      path: `${PUBLIC_PATH.crl}/:file{[0-9a-f]{40}\\.crl}`,
      permission: 'public',
      summary: 'Read the revocation list of an authority (RFC 5280), DER',
      params: byFile,
      answers: { 200: content('application/pkix-crl') },
      handle({ params }) {
        const list = lists.list(params.file);
        if (!list) throw nothing();
        return cacheable(list.der, 'application/pkix-crl', MINUTE_SECONDS);
      },
    }),
  ];
}

function ocspRoutes({ ocsp }: PublicRoutesDeps): Route[] {
  return [
    route({
      name: 'askOcsp',
      method: 'POST',
      path: PUBLIC_PATH.ocsp,
      permission: 'public',
      summary: 'Ask for the status of a certificate (RFC 6960)',
      body: octets('application/ocsp-request', MAX_OCSP_REQUEST_BYTES),
      answers: { 200: content(OCSP_RESPONSE) },
      handle: async (call) => answered(await ocsp.answer(call.body)),
    }),
    route({
      name: 'askOcspByPath',
      method: 'GET',
      path: `${PUBLIC_PATH.ocsp}/*`,
      permission: 'public',
      summary: 'The same, with the request in the path as base64 (RFC 6960 §A.1)',
      answers: { 200: content(OCSP_RESPONSE) },
      handle: async (call) => answered(await ocsp.answer(requestInPath(call.target))),
    }),
  ];
}

/**
 * The request in base64 and percent-encoding, with slashes (RFC 6960 §A.1). A text that cannot be decoded
 * counts as an empty request.
 */
function requestInPath(target: string): Uint8Array {
  const [path = ''] = target.slice(PUBLIC_PATH.ocsp.length + 1).split('?');
  try {
    return Buffer.from(decodeURIComponent(path), 'base64');
  } catch {
    return new Uint8Array();
  }
}

function answered({ der, maxAgeSeconds }: OcspAnswer) {
  return cacheable(der, OCSP_RESPONSE, maxAgeSeconds);
}

function cacheable(body: Uint8Array, type: string, maxAgeSeconds: number) {
  const cacheControl =
    maxAgeSeconds > 0 ? `max-age=${maxAgeSeconds}, public, no-transform, must-revalidate` : 'no-store';
  return withContent(type, body, { 'cache-control': cacheControl });
}

function nothing(): GatehouseError {
  return new GatehouseError('not_found', 'There is no such authority here.');
}
