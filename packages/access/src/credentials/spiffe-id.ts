// The SPIFFE ID of an owner (SPIFFE-ID §2): `spiffe://TRUST-DOMAIN/user/NAME` or `…/service/NAME`. A path
// cannot contain `@` (§2.2), so `alice@example.com` is `/user/alice/example.com`. Refuses every other
// spelling.
import type { Owner } from '../principals/principal.ts';

/** §2.1: lower-case letters, digits, dots, hyphens and underscores. */
const TRUST_DOMAIN = /^[a-z0-9._-]{1,255}$/;
const ID = /^spiffe:\/\/([^/]*)\/(user|service)((?:\/[A-Za-z0-9._-]+)+)$/;
/** §2.3. */
const MAX_LENGTH = 2048;

/**
 * Whether `text` can be a trust domain.
 * @example
 * isTrustDomain('example.org');
 */
export function isTrustDomain(text: string): boolean {
  return TRUST_DOMAIN.test(text);
}

/**
 * The ID of an owner; undefined for a name that a path cannot have, such as `a@@b`.
 * @example
 * spiffeIdOf({ kind: 'service', name: 'billing' }, 'example.org'); // 'spiffe://example.org/service/billing'
 */
export function spiffeIdOf({ kind, name }: Owner, trustDomain: string): string | undefined {
  const id = `spiffe://${trustDomain}/${kind}/${name.replaceAll('@', '/')}`;
  return ownerOfSpiffeId(id)?.name === name ? id : undefined;
}

/**
 * The owner in an ID, in any trust domain, because our signature shows that it is ours. Undefined for an ID
 * that is not valid, or names something else.
 * @example
 * ownerOfSpiffeId('spiffe://example.org/user/alice'); // { kind: 'user', name: 'alice' }
 */
export function ownerOfSpiffeId(id: string): Owner | undefined {
  const [, trustDomain = '', kind, path = ''] = id.length > MAX_LENGTH ? [] : (ID.exec(id) ?? []);
  if ((kind !== 'user' && kind !== 'service') || !TRUST_DOMAIN.test(trustDomain)) return undefined;
  const segments = path.slice(1).split('/');
  if (segments.some((segment) => segment === '.' || segment === '..')) return undefined;
  return { kind, name: segments.join('@') };
}
