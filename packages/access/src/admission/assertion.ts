// `Gatehouse-Assertion`: the only header that identifies the caller for the upstream. It is a JWT (RFC 7519,
// ES256) that is valid for one minute. Its own type and key distinguish it from access tokens. See
// docs/wire/assertion.md.
import { createPrivateKey, sign } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { numericDate } from '../clock.ts';
import type { Principal } from '../principals/principal.ts';
import type { GatewayRoute } from '../routes/route-table.ts';

const HEADER = { alg: 'ES256', typ: 'gatehouse-assertion+jwt' };
/**
 * How long an assertion is valid.
 * @example
 * const endsAt = signedAt + ASSERTION_SECONDS;
 */
export const ASSERTION_SECONDS = 60;
// One assertion serves the same caller on the same route for half its lifetime.
const REUSE_SECONDS = 30;
const CACHED = 4096;

/** How assertions are signed. */
export interface AssertionSource {
  /** PKCS#8 PEM of a P-256 key. */
  privateKey: string;
  kid: string;
  issuer: string;
}

/** Makes the value of `Gatehouse-Assertion` (docs/wire/assertion.md). */
export interface AssertionSigner {
  /** The signer compares principals and routes by object identity, so a change must create a new object. */
  sign(principal: Principal, route: GatewayRoute): string;
}

interface Signed {
  jwt: string;
  signedAt: number;
}

/**
 * Signs assertions with the key of `source`. A signature is reused for half its lifetime.
 * @example
 * const assertions = createAssertionSigner({ privateKey, kid, issuer }, systemClock);
 * const jwt = assertions.sign(principal, route);
 */
export function createAssertionSigner(source: AssertionSource, clock: Clock): AssertionSigner {
  const { kid, issuer } = source;
  const key = { key: createPrivateKey(source.privateKey), dsaEncoding: 'ieee-p1363' } as const;
  const header = encoded({ ...HEADER, kid });
  // The content of an assertion depends only on the objects of caller and route.
  let cache = new WeakMap<Principal, Map<GatewayRoute, Signed>>();
  let cached = 0;

  function signNew(principal: Principal, route: GatewayRoute, now: number): string {
    const claims = { ...claimsOf(principal, route), iss: issuer, iat: now, exp: now + ASSERTION_SECONDS };
    const input = `${header}.${encoded(claims)}`;
    return `${input}.${sign('sha256', Buffer.from(input, 'latin1'), key).toString('base64url')}`;
  }

  function remember(principal: Principal, route: GatewayRoute, signed: Signed): void {
    if (cached >= CACHED) {
      cache = new WeakMap();
      cached = 0;
    }
    cached += 1;
    const ofPrincipal = cache.get(principal);
    if (ofPrincipal) ofPrincipal.set(route, signed);
    else cache.set(principal, new Map([[route, signed]]));
  }

  return {
    sign(principal, route) {
      const now = numericDate(clock);
      const known = cache.get(principal)?.get(route);
      const age = now - (known?.signedAt ?? 0);
      // Negative when the clock was set back: the assertion is not valid yet.
      if (known && age >= 0 && age < REUSE_SECONDS) return known.jwt;
      const jwt = signNew(principal, route, now);
      remember(principal, route, { jwt, signedAt: now });
      return jwt;
    },
  };
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function claimsOf(principal: Principal, { id, upstream }: GatewayRoute) {
  const { name, roles, amr, certificateThumbprint: x5t, keyThumbprint: jkt, tokenOrigin } = principal;
  const actor = tokenOrigin?.actor;
  const delegated = actor !== undefined && { act: { sub: actor } };
  const claims = { sub: name, aud: upstream, roles, amr, route: id, ...delegated };
  if (x5t === undefined && jkt === undefined) return claims;
  const cnf = { ...(x5t !== undefined && { 'x5t#S256': x5t }), ...(jkt !== undefined && { jkt }) };
  return { ...claims, cnf };
}
