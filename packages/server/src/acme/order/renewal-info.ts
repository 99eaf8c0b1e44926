// Renewal information (RFC 9773): the best time to renew a certificate. Anyone may ask.
import { z } from 'zod';
import type { Certificate } from '../../ca/index.ts';
import { AcmeError } from '../problem.ts';
import type { Reply } from '../request/reply.ts';
import type { AcmeCertificates } from '../types.ts';
import { parseCertificateId } from './certificate-id.ts';

export const renewalInfoSchema = z
  .object({ suggestedWindow: z.object({ start: z.string(), end: z.string() }) })
  .meta({ id: 'AcmeRenewalInfo' });

type RenewalInfo = z.output<typeof renewalInfoSchema>;

const MINUTE_SECONDS = 60;
const HOUR_MS = 3_600_000;
/** The window within the certificate's life. It leaves time for a second attempt. */
const WINDOW = { start: 2 / 3, end: 5 / 6 };
/** How often to ask: this many times in a life, but at most once a minute, and at least every six hours. */
const CHECKS_IN_A_LIFE = 48;
const MAX_RETRY_SECONDS = 6 * 3600;

/** `id` as in RFC 9773 §4.1. Throws `malformed`, with 404 for a certificate that is not ours. */
export async function renewalInfo(id: string, certificates: AcmeCertificates): Promise<Reply<RenewalInfo>> {
  const { serialNumber, issuerKeyId } = parseCertificateId(id);
  const certificate = await certificates.find(serialNumber);
  if (certificate?.issuerKeyId !== issuerKeyId) {
    throw new AcmeError('malformed', 'There is no such certificate here.', { status: 404 });
  }
  return {
    body: { suggestedWindow: suggestedWindow(certificate) },
    headers: { 'retry-after': String(retryAfterSeconds(certificate)) },
  };
}

function suggestedWindow({ notBefore, notAfter, revokedAt }: Certificate): { start: string; end: string } {
  if (revokedAt !== undefined) return windowOf(revokedAt - HOUR_MS, revokedAt - 1000);
  const start = notBefore.getTime();
  const life = notAfter.getTime() - start;
  return windowOf(start + life * WINDOW.start, start + life * WINDOW.end);
}

/** The form of RFC 3339, in whole seconds. */
function windowOf(start: number, end: number): { start: string; end: string } {
  const text = (time: number) => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
  return { start: text(start), end: text(end) };
}

function retryAfterSeconds({ notBefore, notAfter }: Certificate): number {
  const lifeSeconds = (notAfter.getTime() - notBefore.getTime()) / 1000;
  return Math.round(Math.min(MAX_RETRY_SECONDS, Math.max(MINUTE_SECONDS, lifeSeconds / CHECKS_IN_A_LIFE)));
}
