// OCSP delegates (RFC 6960 §4.2.2.2): one for each intermediate, which signs answers for it for a week. Its
// key is never written to disk. If a delegate or its issuer is revoked, a new delegate replaces it at once.
import { createPublicKey, randomBytes } from 'node:crypto';
import type { Clock } from '@gatehouse/access';
import type { OcspResponder } from '@gatehouse/x509';
import {
  createIssuer,
  createOcspResponder,
  encodeSpki,
  generatePrivateKey,
  ocspResponderProfile,
  signerFromKey,
} from '@gatehouse/x509';
import { BACKDATE_MS } from '../backdate.ts';
import type { OwnRecords } from '../certificates/own-records.ts';
import type { Intermediate } from '../hierarchy/hierarchy.ts';
import { createInspection } from '../hierarchy/lint.ts';
import { delegateSubject } from '../hierarchy/subjects.ts';
import type { CaSettings } from '../types.ts';

export interface Delegate {
  responder: OcspResponder;
  serialNumber: string;
  /** Milliseconds since the epoch. It is after now if the clock was set back. */
  notBefore: number;
  notAfter: number;
  renewAt: number;
}

export interface Delegates {
  /** The delegate of an intermediate. It is created if there is none, or if it should be renewed. */
  of(intermediate: Intermediate): Promise<Delegate>;
  /**
   * Removes the delegate with this serial number, and the delegates that an authority with this serial number
   * signed.
   */
  forget(serialNumber: string): void;
}

export interface DelegatesDeps {
  ownRecords: OwnRecords;
  clock: Clock;
}

export type DelegateSettings = Pick<CaSettings, 'keyType' | 'name'>;

const LIFETIME_MS = 7 * 86_400_000;
const RENEW_AFTER = 2 / 3;

interface Entry {
  issuerSerialNumber: string;
  /** The delegate, after it was created. */
  delegate?: Delegate;
  made: Promise<Delegate>;
}

export function createDelegates(deps: DelegatesDeps, settings: DelegateSettings): Delegates {
  const entries = new Map<string, Entry>();

  function make(intermediate: Intermediate): Promise<Delegate> {
    const { id, certificate } = intermediate;
    const made = createDelegate(deps, settings, intermediate);
    const entry: Entry = { issuerSerialNumber: certificate.serialNumber, made };
    entries.set(id, entry);
    made.then(
      (delegate) => {
        entry.delegate = delegate;
      },
      () => {
        if (entries.get(id) === entry) entries.delete(id);
      },
    );
    return made;
  }

  return {
    async of(intermediate) {
      const known = entries.get(intermediate.id);
      if (!known) return make(intermediate);
      const delegate = await known.made;
      // Another request may have replaced it meanwhile.
      const isLast = entries.get(intermediate.id) === known;
      const now = deps.clock.now();
      if (isLast && delegate.notBefore <= now && now < delegate.renewAt) return delegate;
      return isLast ? make(intermediate) : this.of(intermediate);
    },
    forget(serialNumber) {
      for (const [id, { delegate, issuerSerialNumber }] of entries) {
        if (delegate?.serialNumber === serialNumber || issuerSerialNumber === serialNumber)
          entries.delete(id);
      }
    },
  };
}

async function createDelegate(
  deps: DelegatesDeps,
  { keyType, name }: DelegateSettings,
  { id, pem, signer, certificate }: Intermediate,
): Promise<Delegate> {
  const now = deps.clock.now();
  const key = generatePrivateKey(keyType);
  const issuer = createIssuer({
    certificate: pem,
    signer,
    randomBytes,
    inspect: createInspection(certificate),
  });
  const issued = issuer.issue({
    profile: ocspResponderProfile(),
    subject: delegateSubject(name),
    publicKey: encodeSpki(createPublicKey(key)),
    // An authority that was created while the clock was ahead begins later than now.
    notBefore: new Date(Math.min(now, Math.max(now - BACKDATE_MS, certificate.notBefore.getTime()))),
    notAfter: new Date(Math.min(now + LIFETIME_MS, certificate.notAfter.getTime())),
  });
  await deps.ownRecords.record({ certificate: issued, profile: 'ocsp', issuerId: id });
  const notAfter = issued.notAfter.getTime();
  return {
    responder: createOcspResponder({ certificate: issued.pem, issuer: pem, signer: signerFromKey(key) }),
    serialNumber: issued.serialNumber,
    notBefore: issued.notBefore.getTime(),
    notAfter,
    renewAt: now + (notAfter - now) * RENEW_AFTER,
  };
}
