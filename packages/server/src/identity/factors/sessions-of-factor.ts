// Ends the sessions and sign-ins that began with a factor, in the transaction that removes it. The person may
// have lost it, or another person may have it (NIST SP 800-63B-4 §4.2, OWASP ASVS 5 §7.4.3). Only the session
// that removes the factor continues.
import { GatehouseError } from '@gatehouse/access';
import type { Events } from '../../platform/feed/events.ts';
import type { Session, Sessions } from '../sessions/sessions.ts';
import type { SignIns } from '../sign-in/sign-ins.ts';
import type { PasskeyStore } from '../store/passkey-queries.ts';
import type { IdentityStore } from '../store/store.ts';

export interface SessionsOfFactorDeps {
  events: Events;
  sessions: Pick<Sessions, 'endWhere'>;
  signIns: Pick<SignIns, 'endWhere'>;
  store: Pick<IdentityStore, 'totp'>;
  passkeys: Pick<PasskeyStore, 'passkey'>;
}

export function endWithFactor({ events, sessions, signIns, store, passkeys }: SessionsOfFactorDeps): void {
  events.subscribe(async (tx, { type, subject: user, actor, data }) => {
    if (user === null) return;
    const acting = data.session;
    const isOther = ({ id, parent }: Pick<Session, 'id' | 'parent'>) => id !== acting && parent !== acting;
    if (type === 'identity.passkey_removed') {
      const isOver = (each: Session) => isOther(each) && each.passkey === data.passkey;
      await sessions.endWhere(tx, user, isOver, actor);
    }
    if (type === 'identity.totp_removed') {
      await sessions.endWhere(tx, user, (each) => isOther(each) && usedCode(each.amr), actor);
      await signIns.endWhere(tx, user, ({ id, amr }) => id !== acting && usedCode(amr), actor);
    }
  });

  // The factor was removed between its proof and the sign-in.
  events.subscribe(async (tx, { type, subject: user, outcome, data }) => {
    if (type !== 'identity.sign_in' || outcome !== 'success' || user === null) return;
    if (typeof data.passkey === 'string' && !(await passkeys.passkey(tx, data.passkey))) throw removed();
    // A provider has separate codes.
    const isOurs = usedCode(data.amr) && data.provider === undefined;
    if (isOurs && !(await store.totp(tx, user, 'confirmed'))) throw removed();
  });
}

/** A code of the authenticator app, or a recovery code instead. */
function usedCode(amr: unknown): boolean {
  return Array.isArray(amr) && amr.includes('otp');
}

function removed(): GatehouseError {
  return new GatehouseError(
    'credential_invalid',
    'The passkey or app with which you signed in was removed meanwhile: sign in again.',
  );
}
