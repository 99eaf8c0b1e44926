// Basic (RFC 7617), for tools that support nothing else. The password is an API key, never a person's
// password: a password would need a slow hash on every request. The user name is the service or the id of the
// key.
import type { Clock } from '../clock.ts';
import { parseBasicCredentials } from '../credentials/basic-credentials.ts';
import type { Principals } from '../principals/principals.ts';
import { schemeValue } from './header-field.ts';
import { createKnownKeys } from './known-keys.ts';
import type { WayIn } from './way-in.ts';

const VALUE_MAX_LENGTH = 512;

/** `principals` may change while the way in is in use. */
export function basicWay(principals: Pick<Principals, 'keys' | 'services'>, clock: Clock): WayIn<string> {
  const known = createKnownKeys(principals, clock, {
    via: 'basic',
    maxLength: VALUE_MAX_LENGTH,
    read(value) {
      const { user, password } = parseBasicCredentials(value);
      return { text: password, user };
    },
  });
  return {
    name: 'basic',
    description: 'an API key as the password of Basic',
    find: ({ authorization }) => schemeValue(authorization, 'basic'),
    authenticate: (value, { address }) => known.accept(value, address),
    current: known.current,
    isRepeatable: known.isRepeatable,
    challenge: () => 'Basic realm="gatehouse", charset="UTF-8"',
  };
}
