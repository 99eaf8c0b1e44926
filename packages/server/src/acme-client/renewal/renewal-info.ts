// Asks the directory when to renew a certificate (RFC 9773 §4).
import type { ParsedCertificate } from '@gatehouse/x509';
import type { Session } from '../directory/session.ts';
import { OrderFailure } from '../failure.ts';
import type { Window } from './schedule.ts';

export interface RenewalInfo {
  window: Window;
  /** When to ask again, in milliseconds since the epoch. */
  askAt: number;
}

const USUAL_PAUSE_MS = 6 * 3_600_000;
// RFC 9773 §4.3.2: the time that the directory wants, within limits.
const SHORTEST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 86_400_000;

/** Undefined if the directory has no such resource. Throws `OrderFailure`. */
export async function askRenewalInfo(
  session: Session,
  leaf: ParsedCertificate,
  now: number,
): Promise<RenewalInfo | undefined> {
  const { renewalInfo } = await session.directory();
  const id = certificateId(leaf);
  if (renewalInfo === undefined || id === undefined) return undefined;
  const { body, retryAt } = await session.get(`${renewalInfo.replace(/\/$/, '')}/${id}`);
  const { start, end } = Object(body.suggestedWindow) as Record<string, unknown>;
  const window = { start: Date.parse(String(start)), end: Date.parse(String(end)) };
  if (!(window.start <= window.end))
    throw new OrderFailure('The directory suggests a renewal window that is not valid (RFC 9773 §4.2).');
  const pause = retryAt === undefined ? USUAL_PAUSE_MS : retryAt - now;
  return { window, askAt: now + Math.min(Math.max(pause, SHORTEST_PAUSE_MS), LONGEST_PAUSE_MS) };
}

/**
 * RFC 9773 §4.1: the key identifier of the issuer and the serial number. Undefined if the certificate has no
 * key identifier of its issuer.
 */
export function certificateId({
  authorityKeyIdentifier,
  serialNumber,
}: Pick<ParsedCertificate, 'authorityKeyIdentifier' | 'serialNumber'>): string | undefined {
  if (authorityKeyIdentifier === undefined) return undefined;
  const serial = Buffer.from(serialNumber, 'hex');
  const positive = (serial[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), serial]) : serial;
  const issuer = Buffer.from(authorityKeyIdentifier, 'hex');
  return `${issuer.toString('base64url')}.${positive.toString('base64url')}`;
}
