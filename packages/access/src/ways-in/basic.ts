// Basic (RFC 7617), for tools that support nothing else. The password is an API key, with the service or the
// id of the key as the user, or a generated password for a person’s programs. It is never a password that a
// person chose, because that would need a slow hash on every request.
import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { APP_PASSWORD_PREFIX } from '../credentials/app-password.ts';
import { parseBasicCredentials } from '../credentials/basic-credentials.ts';
import { digestSecret } from '../credentials/digest-credentials.ts';
import { GatehouseError } from '../errors/errors.ts';
import type { Principal } from '../principals/principal.ts';
import type { DigestFacts, Principals } from '../principals/principals.ts';
import { schemeValue } from './header-field.ts';
import { createKnownKeys } from './known-keys.ts';
import { createKnownPeople } from './known-people.ts';
import type { WayIn } from './way-in.ts';

export type BasicPrincipals = Pick<Principals, 'keys' | 'services' | 'users' | 'digests'>;

const VALUE_MAX_LENGTH = 512;
const ALGORITHM = 'SHA-256';
/** With this, an unknown user takes as long as a wrong password. */
const NO_SECRET = '0'.repeat(64);

/** `principals` may change during use. */
export function basicWay(principals: BasicPrincipals, clock: Clock): WayIn<string> {
  const people = createKnownPeople(principals, { via: 'basic', wrong });
  const keys = createKnownKeys(principals, clock, {
    via: 'basic',
    maxLength: VALUE_MAX_LENGTH,
    read(value) {
      const { user, password } = parseBasicCredentials(value);
      return { text: password, user };
    },
  });
  return {
    name: 'basic',
    description: 'an API key or an app password with Basic',
    find: ({ authorization }) => schemeValue(authorization, 'basic'),
    authenticate(value, { address }) {
      const known = keys.find(value, address);
      if (known) return known;
      const { user, password } = parseBasicCredentials(value);
      if (!password.startsWith(APP_PASSWORD_PREFIX)) return keys.accept(value, address);
      const secret = digestSecret(ALGORITHM, user, password);
      return people.accept(user, (facts) => isSecretOf(facts, secret));
    },
    current: (principal: Principal) =>
      principal.kind === 'user' ? people.current(principal) : keys.current(principal),
    isRepeatable: (principal) => principal.kind === 'service' && keys.isRepeatable(principal),
    challenge: () => 'Basic realm="gatehouse", charset="UTF-8"',
  };
}

/** Compares in constant time. The stored value for Digest is a hash of the same texts (RFC 7616 §3.4.2). */
function isSecretOf(facts: DigestFacts | undefined, secret: string): boolean {
  return timingSafeEqual(Buffer.from(secret), Buffer.from(facts?.[ALGORITHM] ?? NO_SECRET));
}

function wrong(): GatehouseError {
  return new GatehouseError('credential_invalid', 'The user name or the app password is wrong.');
}
