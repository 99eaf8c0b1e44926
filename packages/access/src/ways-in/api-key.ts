// API keys, in X-API-Key or, as many client libraries send them, as a bearer token.
import type { Clock } from '../clock.ts';
import { parseApiKey, secretMatches } from '../credentials/api-key.ts';
import { GatehouseError } from '../errors/errors.ts';
import type { KeyFacts, Principals } from '../principals/principals.ts';
import { apiKeyText } from './header-field.ts';
import type { WayIn } from './way-in.ts';

/** How far the clocks of two machines may differ. */
const TOLERANCE_MS = 60_000;

/** `principals` may change while the way in is in use. */
export function apiKeyWay({ keys }: Pick<Principals, 'keys'>, clock: Clock): WayIn<string> {
  return {
    name: 'apiKey',
    description: 'an API key',
    find: apiKeyText,
    authenticate(text) {
      const { id, secret } = parseApiKey(text);
      const key = requireKey(keys, id);
      if (!secretMatches(secret, key.secretHash)) throw unknownKey();
      requireUnexpired(key, clock.now());
      const { name, roles } = key;
      return { kind: 'service', name, roles, scopes: [], amr: ['swk'], via: 'apiKey', keyId: id };
    },
    current: (principal) => ({ ...principal, roles: requireKey(keys, principal.keyId ?? '').roles }),
    challenge: () => 'ApiKey realm="gatehouse"',
  };
}

function requireKey(keys: Principals['keys'], id: string): KeyFacts {
  const key = keys.get(id);
  if (!key) throw unknownKey();
  return key;
}

/** A key that was created while the clock was ahead would live longer than it should. */
function requireUnexpired({ expiresAt, createdAt = 0 }: KeyFacts, now: number): void {
  if (expiresAt === null) return;
  if (expiresAt <= now) {
    throw new GatehouseError('credential_invalid', 'The API key has expired: create a new one.');
  }
  if (createdAt <= now + TOLERANCE_MS) return;
  throw new GatehouseError(
    'credential_invalid',
    'The API key was created while the clock was ahead, so it would expire too late: create a new one.',
  );
}

function unknownKey(): GatehouseError {
  return new GatehouseError('credential_invalid', 'The API key is unknown or was revoked.');
}
