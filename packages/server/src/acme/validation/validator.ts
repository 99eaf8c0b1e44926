// One attempt at a challenge, by its type, within ten seconds.

import { AcmeError } from '../problem.ts';
import type { ChallengeType } from '../types.ts';
import type { ChallengeAttempt } from './attempt.ts';
import { validateDns01 } from './dns-01.ts';
import type { HttpSettings } from './http-01.ts';
import { validateHttp01 } from './http-01.ts';
import type { Networks } from './networks.ts';
import { createPinnedFetch } from './pinned-fetch.ts';
import type { Resolver } from './resolver.ts';
import { createTargets } from './target.ts';
import { validateTlsAlpn01 } from './tls-alpn-01.ts';

export interface Validator {
  /** Resolves when the challenge succeeds; throws AcmeError with the reason when it fails. */
  validate(type: ChallengeType, attempt: ChallengeAttempt): Promise<void>;
}

const TIMEOUT_MS = 10_000;

export function createValidator(
  { resolver, networks }: { resolver: Resolver; networks: Networks },
  settings: HttpSettings & { timeoutMs?: number },
): Validator {
  const { timeoutMs = TIMEOUT_MS } = settings;
  const targets = createTargets({ resolver, networks });
  const fetch = createPinnedFetch(targets);

  function attemptAs(type: ChallengeType, attempt: ChallengeAttempt): Promise<void> {
    if (type === 'http-01') return validateHttp01(attempt, fetch, settings);
    if (type === 'dns-01') return validateDns01(attempt, resolver);
    return validateTlsAlpn01(attempt, targets, settings.tlsPort);
  }

  return {
    async validate(type, attempt) {
      const attempting = new AbortController();
      const timer = setTimeout(() => attempting.abort(), timeoutMs);
      const stop = () => attempting.abort();
      attempt.signal.addEventListener('abort', stop, { once: true });
      if (attempt.signal.aborted) stop();
      try {
        const { signal } = attempting;
        // A look-up by the system cannot be stopped. It continues, but its answer is ignored.
        await Promise.race([attemptAs(type, { ...attempt, signal }), aborted(signal)]);
      } finally {
        clearTimeout(timer);
        attempt.signal.removeEventListener('abort', stop);
      }
    },
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const give = () =>
      reject(new AcmeError('connection', 'The validation took too long.', { cause: signal.reason }));
    if (signal.aborted) give();
    signal.addEventListener('abort', give, { once: true });
  });
}
