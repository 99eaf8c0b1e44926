// `Gatehouse-Assertion`: the one header that tells the upstream who calls. It is a JWT (RFC 7519, ES256) that
// is valid for one minute. Its own type and its own key keep it apart from access tokens. See
// docs/wire/assertion.md.
import { createPrivateKey } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { SignJWT } from 'jose';
import type { Clock } from '../clock.ts';
import { numericDate } from '../clock.ts';
import type { Principal } from '../principals/principal.ts';
import type { GatewayRoute } from '../routes/route-table.ts';

const ALGORITHM = 'ES256';
const TYPE = 'gatehouse-assertion+jwt';
const LIFETIME_SECONDS = 60;
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
  sign(principal: Principal, route: GatewayRoute): string | Promise<string>;
}

/**
 * Signs assertions with the key of `source`. Signatures are used again for half their lifetime.
 * @example
 * const assertions = createAssertionSigner({ privateKey, kid, issuer }, systemClock);
 * const jwt = await assertions.sign(principal, route);
 */
export function createAssertionSigner(source: AssertionSource, clock: Clock): AssertionSigner {
  const key = createPrivateKey(source.privateKey);
  const cache = new Map<string, { jwt: string; signedAt: number }>();

  async function signNew(principal: Principal, route: GatewayRoute, cacheKey: string): Promise<string> {
    const now = numericDate(clock);
    const jwt = await new SignJWT(claimsOf(principal, route))
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: source.kid })
      .setIssuer(source.issuer)
      .setSubject(principal.name)
      .setAudience(route.upstream)
      .setIssuedAt(now)
      .setExpirationTime(now + LIFETIME_SECONDS)
      .sign(key);
    if (cache.size >= CACHED) cache.clear();
    cache.set(cacheKey, { jwt, signedAt: now });
    return jwt;
  }

  return {
    sign(principal, route) {
      const { kind, name, roles, amr, certificateThumbprint } = principal;
      // The cache key contains everything that the assertion says, because roles and upstreams change while
      // the signer is in use.
      const said = [kind, name, roles, amr, certificateThumbprint, route.id, route.upstream];
      const cacheKey = JSON.stringify(said);
      const known = cache.get(cacheKey);
      const age = numericDate(clock) - (known?.signedAt ?? 0);
      // Negative when the clock was set back: the assertion is not valid yet.
      if (known && age >= 0 && age < REUSE_SECONDS) return known.jwt;
      return signNew(principal, route, cacheKey);
    },
  };
}

function claimsOf(principal: Principal, route: GatewayRoute): JWTPayload {
  const { roles, amr, certificateThumbprint } = principal;
  const claims = { roles: [...roles], amr: [...amr], route: route.id };
  if (certificateThumbprint === undefined) return claims;
  return { ...claims, cnf: { 'x5t#S256': certificateThumbprint } };
}
