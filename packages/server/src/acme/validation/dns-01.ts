// dns-01 (RFC 8555 §8.4): a TXT record at _acme-challenge holds the digest of the key authorization. Other
// records beside it do not matter.
import { hash } from 'node:crypto';
import { AcmeError } from '../problem.ts';
import type { ChallengeAttempt } from './attempt.ts';
import type { Resolver } from './resolver.ts';

/** Resolves when the record was found. Throws AcmeError `dns`, `unauthorized`. */
export async function validateDns01(
  { identifier, keyAuthorization }: ChallengeAttempt,
  resolver: Resolver,
): Promise<void> {
  const name = `_acme-challenge.${identifier.value}`;
  const expected = hash('sha256', keyAuthorization, 'base64url');
  const texts = await resolver.texts(name);
  if (texts.includes(expected)) return;
  throw new AcmeError(
    'unauthorized',
    `None of the ${texts.length} TXT records at ${name} is the digest of the key authorization.`,
  );
}
