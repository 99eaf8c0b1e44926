// The certificate of the key that signs the offers of encrypted endpoints (docs/wire/encrypted-endpoint.md).
// Clients may pin this key, so it is stored, and stays the same when the certificate is renewed. It is
// replaced only if its certificate is revoked, because then others may know the key.
import type { KeyObject } from 'node:crypto';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { spkiFingerprint } from '@gatehouse/x509';
import type { KeyStore } from '../../platform/keys/key-store.ts';
import type { Database } from '../../platform/store/database.ts';
import type { OwnCertificateDeps, OwnCertificateSettings } from './own-certificate.ts';
import { issueOwnCertificate, renewalTime } from './own-certificate.ts';

/** The key and the certificate that sign the offered keys. */
export interface SigningIdentity {
  /** P-256. */
  privateKey: KeyObject;
  /** The certificate and its issuer, PEM. */
  chain: string;
  /** `sha256/` and base64, of the certificate's public key. */
  pin: string;
  names: readonly string[];
  notAfter: Date;
}

export interface SigningCertificate {
  /** The certificate in force. The first use issues it. */
  use(): Promise<SigningIdentity>;
  /** Undefined before the first use. */
  current(): SigningIdentity | undefined;
  /** Issues the next one if it is due, for example below a new authority. */
  renew(): Promise<void>;
  reissue(): Promise<void>;
  /** Called with each later certificate. */
  onChange(listener: () => Promise<void>): void;
  /** Replaces the key if its certificate is the revoked one. */
  afterRevocation(serialNumber: string): Promise<void>;
}

export interface SigningCertificateDeps extends OwnCertificateDeps {
  database: Database;
  keyStore: KeyStore;
  generateKey(): Uint8Array;
}

interface Issued extends SigningIdentity {
  serialNumber: string;
  validFrom: number;
  renewAt: number;
}

const SECRET = 'channel/signing-key';

export function createSigningCertificate(
  deps: SigningCertificateDeps,
  settings: OwnCertificateSettings,
): SigningCertificate {
  const { clock, database, keyStore, generateKey } = deps;
  let issued: Issued | undefined;
  let first: Promise<SigningIdentity> | undefined;
  const listeners: (() => Promise<void>)[] = [];

  async function issue(): Promise<Issued> {
    const privateKey = readKey(await keyStore.loadOrCreate(SECRET, generateKey));
    const publicKey = createPublicKey(privateKey);
    const {
      issued: certificate,
      names,
      chain,
    } = await issueOwnCertificate(deps, settings, {
      publicKey,
      profile: 'channel',
    });
    const { serialNumber, notBefore, notAfter } = certificate;
    const { pin } = spkiFingerprint(publicKey);
    const renewAt = renewalTime(certificate);
    issued = {
      privateKey,
      chain,
      pin,
      names,
      notAfter,
      serialNumber,
      validFrom: notBefore.getTime(),
      renewAt,
    };
    return issued;
  }

  async function replace(): Promise<void> {
    await issue();
    await Promise.all(listeners.map((listener) => listener()));
  }

  async function replaceKey(): Promise<void> {
    const store = await keyStore.seal(SECRET, generateKey());
    await database.write(async (tx) => {
      await keyStore.remove(tx, SECRET);
      await store(tx);
    });
    await replace();
  }

  async function reissue(): Promise<void> {
    if (issued) await replace();
  }

  return {
    current: () => issued,
    async use() {
      if (issued) return issued;
      first ??= issue().finally(() => {
        first = undefined;
      });
      return first;
    },
    async renew() {
      const now = clock.now();
      if (issued && (now < issued.validFrom || now >= issued.renewAt)) await replace();
    },
    reissue,
    onChange: (listener) => void listeners.push(listener),
    async afterRevocation(serialNumber) {
      if (issued?.serialNumber === serialNumber) await replaceKey();
    },
  };
}

function readKey(pkcs8: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
}
