// Our account at a directory (RFC 8555 §7.3). If the key already has an account, a request for a new one
// returns it. So only the key is stored.
import { isDeepStrictEqual } from 'node:util';
import { FlattenedSign } from 'jose';
import type { Session } from '../directory/session.ts';
import { OrderFailure } from '../failure.ts';

/**
 * The external account that the directory gave to the operator, for the binding of the account (RFC 8555
 * §7.3.4).
 */
export interface ExternalAccount {
  keyId: string;
  hmacKey: Uint8Array;
}

export interface AccountWishes {
  /** `mailto:` addresses. */
  contact: readonly string[];
  eab: ExternalAccount | undefined;
}

/** Returns the URL of the account. */
export async function openAccount(session: Session, { contact, eab }: AccountWishes): Promise<string> {
  const { newAccount } = await session.directory();
  const binding = eab && (await bind(session, newAccount, eab));
  const payload = {
    termsOfServiceAgreed: true,
    ...(contact.length > 0 && { contact }),
    ...(binding && { externalAccountBinding: binding }),
  };
  const { status, location: kid, body } = await session.post(newAccount, { payload });
  if (kid === undefined) throw new OrderFailure(`${newAccount} does not return an account (RFC 8555 §7.3).`);
  const isOld = status === 200;
  if (isOld && contact.length > 0 && !isDeepStrictEqual(body.contact, contact))
    await session.post(kid, { kid, payload: { contact } });
  return kid;
}

/** The account key, signed with the key of the external account. */
async function bind({ jwk }: Session, url: string, { keyId, hmacKey }: ExternalAccount): Promise<object> {
  const octets = new TextEncoder().encode(JSON.stringify(jwk));
  return new FlattenedSign(octets).setProtectedHeader({ alg: 'HS256', kid: keyId, url }).sign(hmacKey);
}
