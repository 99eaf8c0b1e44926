// The ways to answer challenges, by their kinds.
import type { Answerers } from './challenges/challenge.ts';
import { createDnsAnswerer } from './challenges/dns-01.ts';
import type { HttpChallenges } from './challenges/http-01.ts';
import type { TlsChallengeDeps } from './challenges/tls-alpn-01.ts';
import { createTlsAnswerer } from './challenges/tls-alpn-01.ts';

export function createAnswerers(
  http: HttpChallenges,
  tls: TlsChallengeDeps,
  environment: NodeJS.ProcessEnv,
): Answerers {
  return {
    'http-01': () => http.answer,
    'tls-alpn-01': () => createTlsAnswerer(tls),
    'dns-01': (hook = '') => createDnsAnswerer(hook, environment),
  };
}
