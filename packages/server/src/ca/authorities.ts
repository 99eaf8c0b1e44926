// The two authorities: a root for ten years and an intermediate that signs what servers present. Their keys are sealed in the
// key store; their certificates are public and lie in the database.
import { randomBytes } from 'node:crypto';
import type { Issuer, Signer } from '@gatehouse/x509';
import {
  createIssuer,
  decodePrivateKey,
  encodePrivateKey,
  generatePrivateKey,
  intermediateProfile,
  rootProfile,
  selfSignCertificate,
  signerFromKey,
} from '@gatehouse/x509';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import type { Events } from '../platform/events.ts';
import type { KeyStore } from '../platform/key-store.ts';
import { issuedEvent } from './events.ts';
import type { CaStore } from './store.ts';

export interface Authorities {
  /** PEM. */
  root: string;
  intermediate: string;
  /** Signs with the intermediate. */
  issuer: Issuer;
}

export interface AuthoritiesDeps {
  database: Database;
  store: CaStore;
  events: Events;
  keyStore: KeyStore;
  clock: Clock;
}

type AuthorityName = 'root' | 'intermediate';

const YEAR_MS = 365 * 86_400_000;
const ROOT_YEARS = 10;
const INTERMEDIATE_YEARS = 5;
// Clocks differ; a certificate is valid a little before it was made.
export const BACKDATE_MS = 5 * 60_000;

/** Loads the authorities, making them on first start. `organization` names them. */
export async function openAuthorities(deps: AuthoritiesDeps, organization: string): Promise<Authorities> {
  const rootSigner = await loadSigner(deps.keyStore, 'root');
  const root = await loadCertificate(deps, 'root', (notBefore) =>
    selfSignCertificate(
      {
        profile: rootProfile(),
        subject: { organization, commonName: `${organization} Root` },
        notBefore,
        notAfter: new Date(notBefore.getTime() + ROOT_YEARS * YEAR_MS),
      },
      { signer: rootSigner, randomBytes },
    ),
  );
  const signer = await loadSigner(deps.keyStore, 'intermediate');
  const intermediate = await loadCertificate(deps, 'intermediate', (notBefore) =>
    createIssuer({ certificate: root, signer: rootSigner, randomBytes }).issue({
      profile: intermediateProfile(),
      subject: { organization, commonName: `${organization} Intermediate` },
      publicKey: signer.publicKey,
      notBefore,
      notAfter: new Date(notBefore.getTime() + INTERMEDIATE_YEARS * YEAR_MS),
    }),
  );
  return { root, intermediate, issuer: createIssuer({ certificate: intermediate, signer, randomBytes }) };
}

async function loadSigner(keyStore: KeyStore, name: AuthorityName): Promise<Signer> {
  const pem = await keyStore.loadOrCreate(`ca/${name}-key`, () =>
    Buffer.from(encodePrivateKey(generatePrivateKey('P-256'))),
  );
  return signerFromKey(decodePrivateKey(Buffer.from(pem).toString('utf8')));
}

type Issued = ReturnType<Issuer['issue']>;

async function loadCertificate(
  { database, store, events, clock }: AuthoritiesDeps,
  name: AuthorityName,
  issue: (notBefore: Date) => Issued,
): Promise<string> {
  const known = await store.authority(name);
  if (known !== undefined) return known;
  const issued = issue(new Date(clock.now() - BACKDATE_MS));
  await database.write(async (tx) => {
    await store.insertAuthority(tx, { name, certificate: issued.pem });
    await store.insertCertificate(tx, { ...issued, profile: name, names: [], issuedAt: clock.now() });
    await events.publish(tx, issuedEvent(issued, name, []));
  });
  return issued.pem;
}
