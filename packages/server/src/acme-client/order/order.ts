// One order (RFC 8555 §7.4): for a new key, from the request to the certificate.
import { createRequest, generatePrivateKey, parseSubjectName, signerFromKey } from '@gatehouse/x509';
import type { Answer } from '../directory/session.ts';
import { OrderFailure, problemFrom } from '../failure.ts';
import type { Proof } from './authorizations.ts';
import { authorize } from './authorizations.ts';
import type { Obtained } from './obtained.ts';
import { checkObtained } from './obtained.ts';
import type { Polling } from './poll.ts';
import { poll } from './poll.ts';

export interface OrderWish {
  names: readonly string[];
  profile: string | undefined;
  /** The certificate that this one renews, by its identifier (RFC 9773 §5). */
  replaces: string | undefined;
}

/** Throws `OrderFailure`. */
export async function placeOrder(polling: Polling, wish: OrderWish, proof: Proof): Promise<Obtained> {
  const { session, kid } = polling;
  const { location: url, body } = await newOrder(polling, wish);
  if (url === undefined) throw new OrderFailure('The directory does not return an order (RFC 8555 §7.4).');
  await authorize(polling, { urls: textsOf(body.authorizations), names: wish.names }, proof);
  const ready = await poll(polling, url, ['pending', 'processing']);
  requireStatus(ready, ['ready', 'valid']);
  const key = generatePrivateKey('P-256');
  const request = createRequest(
    { subject: {}, subjectAltNames: wish.names.map(parseSubjectName) },
    signerFromKey(key),
  );
  const csr = Buffer.from(request.der).toString('base64url');
  await session.post(String(body.finalize), { kid, payload: { csr } });
  const done = await poll(polling, url, ['ready', 'processing']);
  requireStatus(done, ['valid']);
  const { text } = await session.post(String(done.body.certificate), {
    kid,
    accept: 'application/pem-certificate-chain',
  });
  return checkObtained(text, { key, names: wish.names, now: polling.now() });
}

async function newOrder(polling: Polling, { names, profile, replaces }: OrderWish): Promise<Answer> {
  const { session, kid } = polling;
  const { newOrder: url, renewalInfo, profiles } = await session.directory();
  if (profile !== undefined && !profiles?.includes(profile)) {
    const offered = profiles?.length ? `, only ${profiles.join(', ')}` : ': it has none';
    throw new OrderFailure(`The directory has no profile ${profile}${offered}.`);
  }
  const identifiers = names.map((value) => ({ type: 'dns', value }));
  const payload = { identifiers, ...(profile !== undefined && { profile }) };
  if (replaces === undefined || renewalInfo === undefined) return session.post(url, { kid, payload });
  try {
    return await session.post(url, { kid, payload: { ...payload, replaces } });
  } catch (error) {
    // RFC 9773 §5: the directory no longer knows the certificate, or another order replaced it.
    const { type } = error as OrderFailure;
    if (type !== 'alreadyReplaced' && type !== 'malformed' && type !== 'unauthorized') throw error;
    return session.post(url, { kid, payload });
  }
}

function requireStatus({ body }: Answer, wanted: readonly string[]): void {
  if (wanted.includes(String(body.status))) return;
  const problem = problemFrom(body.error);
  const reason = problem ? `${problem.detail} (${problem.type})` : 'it gives no reason';
  throw new OrderFailure(`The order is ${String(body.status)}: ${reason}`, { type: problem?.type });
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
