// What anyone may fetch over plain HTTP, since it protects itself (RFC 5280 §8): roots, authorities, revocation lists, OCSP.
import { GatehouseError } from '../../platform/errors.ts';
import type { Answer, Call, Route } from '../../platform/http/route.ts';
import type { Authorities } from '../hierarchy/authorities.ts';
import { PUBLIC_PATH } from '../hierarchy/publication.ts';
import type { Ocsp, OcspAnswer } from './ocsp.ts';
import type { RevocationLists } from './revocation-lists.ts';

export interface PublicRoutesDeps {
  authorities: Authorities;
  lists: RevocationLists;
  ocsp: Ocsp;
}

// The largest that RFC 6960's own clients send is a few hundred octets.
const MAX_OCSP_REQUEST_BYTES = 16 * 1024;
const MINUTE_SECONDS = 60;

export function publicRoutes({ authorities, lists, ocsp }: PublicRoutesDeps): Route[] {
  const get = (path: string, handle: Route['handle']): Route => ({
    method: 'GET',
    path,
    permission: 'public',
    handle,
  });
  return [
    get(PUBLIC_PATH.roots, () =>
      octets(Buffer.from(authorities.current().rootsPem), 'application/x-pem-file', MINUTE_SECONDS),
    ),
    get(`${PUBLIC_PATH.certificate}/:file{[0-9a-f]{40}\\.cer}`, (call) => {
      const id = idOf(call);
      const { roots, intermediates } = authorities.current();
      const found = [...roots, ...intermediates].find((authority) => authority.id === id);
      if (!found) throw nothing();
      return octets(found.certificate.der, 'application/pkix-cert', MINUTE_SECONDS);
    }),
    get(`${PUBLIC_PATH.crl}/:file{[0-9a-f]{40}\\.crl}`, (call) => {
      const list = lists.list(idOf(call));
      if (!list) throw nothing();
      return octets(list.der, 'application/pkix-crl', MINUTE_SECONDS);
    }),
    {
      method: 'POST',
      path: PUBLIC_PATH.ocsp,
      permission: 'public',
      handle: async (call) =>
        answered(await ocsp.answer(await call.octets('application/ocsp-request', MAX_OCSP_REQUEST_BYTES))),
    },
    get(`${PUBLIC_PATH.ocsp}/*`, async (call) => answered(await ocsp.answer(requestInPath(call.target)))),
  ];
}

function idOf(call: Call): string {
  return call.param('file').split('.')[0] ?? '';
}

/** Base64, percent-encoded, may hold slashes (RFC 6960 §A.1). What cannot be decoded is an empty request. */
function requestInPath(target: string): Uint8Array {
  const [path = ''] = target.slice(PUBLIC_PATH.ocsp.length + 1).split('?');
  try {
    return Buffer.from(decodeURIComponent(path), 'base64');
  } catch {
    return new Uint8Array();
  }
}

function answered({ der, maxAgeSeconds }: OcspAnswer): Answer {
  return octets(der, 'application/ocsp-response', maxAgeSeconds);
}

function octets(body: Uint8Array, type: string, maxAgeSeconds: number): Answer {
  const cacheControl =
    maxAgeSeconds > 0 ? `max-age=${maxAgeSeconds}, public, no-transform, must-revalidate` : 'no-store';
  return { status: 200, headers: { 'content-type': type, 'cache-control': cacheControl }, body };
}

function nothing(): GatehouseError {
  return new GatehouseError('not_found', 'There is no such authority here.');
}
