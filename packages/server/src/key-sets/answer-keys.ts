// The keys that sign answers of the gateway, and the key set with which clients verify them
// (docs/wire/message-signatures.md).
import type { Capabilities } from '../capabilities.ts';
import type { SigningKeys } from '../keyring/index.ts';
import type { Route } from '../platform/http/route.ts';
import { keySetRoute } from './key-set-route.ts';

/** A client may verify an answer some time after it has received it. */
const VERIFIABLE_SECONDS = 86_400;

/** The first start creates the first one. */
export function openAnswerKeys({ keyring }: Capabilities): Promise<SigningKeys> {
  const firstSecret = 'gateway/answer-key';
  return keyring.use({ name: 'answer', firstSecret, lifetimeSeconds: VERIFIABLE_SECONDS });
}

/** Serves the keys with which clients verify signed answers. */
export function answerKeysRoute(keys: SigningKeys): Route {
  return keySetRoute(keys, {
    name: 'readAnswerKeys',
    path: '/.well-known/gatehouse-signature-jwks.json',
    summary: 'Read the keys that verify signed answers of the gateway (RFC 7517, RFC 9421)',
  });
}
