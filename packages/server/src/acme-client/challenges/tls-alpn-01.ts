// Answers to tls-alpn-01 challenges (RFC 8737 §3): a self-signed certificate with the digest of the key
// authorization. The listener presents it to clients that offer only acme-tls/1.
import { hash } from 'node:crypto';
import type { ChallengeIdentity } from '@gatehouse/access';
import {
  encodePrivateKey,
  generatePrivateKey,
  parseSubjectName,
  selfSignCertificate,
  signerFromKey,
} from '@gatehouse/x509';
import type { Answerer, Challenge } from './challenge.ts';

export interface TlsChallengeDeps {
  now(): number;
  randomBytes(count: number): Uint8Array;
  /** Resolves when every worker presents the certificate, or no worker presents it any more. */
  present(name: string, identity: ChallengeIdentity | undefined): Promise<void>;
}

const LIFETIME_MS = 3_600_000;

export function createTlsAnswerer(deps: TlsChallengeDeps): Answerer {
  return async (challenge) => {
    await deps.present(challenge.name, challengeIdentity(deps, challenge));
    return () => deps.present(challenge.name, undefined);
  };
}

function challengeIdentity(
  { now, randomBytes }: TlsChallengeDeps,
  { name, keyAuthorization }: Challenge,
): ChallengeIdentity {
  const key = generatePrivateKey('P-256');
  const { pem } = selfSignCertificate(
    {
      profile: { acmeIdentifier: hash('sha256', keyAuthorization, 'buffer') },
      subject: { commonName: 'acme-tls/1' },
      subjectAltNames: [parseSubjectName(name)],
      notBefore: new Date(now() - LIFETIME_MS),
      notAfter: new Date(now() + LIFETIME_MS),
    },
    { signer: signerFromKey(key), randomBytes },
  );
  return { names: [name], privateKey: encodePrivateKey(key), certificateChain: pem, protocol: 'acme-tls/1' };
}
