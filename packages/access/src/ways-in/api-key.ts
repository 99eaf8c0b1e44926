// API keys, in X-API-Key or, as many client libraries send them, as a bearer token.
import type { Clock } from '../clock.ts';
import type { Principals } from '../principals/principals.ts';
import { apiKeyText } from './header-field.ts';
import { createKnownKeys } from './known-keys.ts';
import type { WayIn } from './way-in.ts';

const TEXT_MAX_LENGTH = 128;

/** `principals` may change during use. */
export function apiKeyWay(principals: Pick<Principals, 'keys' | 'services'>, clock: Clock): WayIn<string> {
  const known = createKnownKeys(principals, clock, {
    via: 'apiKey',
    maxLength: TEXT_MAX_LENGTH,
    read: (text) => ({ text }),
  });
  return {
    name: 'apiKey',
    description: 'an API key',
    find: apiKeyText,
    authenticate: (text, { address }) => known.accept(text, address),
    current: known.current,
    isRepeatable: known.isRepeatable,
    challenge: () => 'ApiKey realm="gatehouse"',
  };
}
