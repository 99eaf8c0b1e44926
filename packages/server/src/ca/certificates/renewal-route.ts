// The holder of a certificate renews it over mutual TLS: the old key is the credential, and the request has
// the new key. Refuses expired and revoked certificates, whose holder must ask an administrator, and those
// from ACME, whose names must be validated again.
import { GatehouseError } from '@gatehouse/access';
import { readCertificate } from '@gatehouse/x509';
import { z } from 'zod';
import type { Actor } from '../../platform/feed/events.ts';
import { json } from '../../platform/http/answer.ts';
import type { Call, Route } from '../../platform/http/route.ts';
import { route } from '../../platform/http/route.ts';
import type { StoredCertificate } from '../store/store.ts';
import type { Certificate } from '../types.ts';
import { parseRequest, requestText } from './admin-routes.ts';
import type { Certificates } from './certificates.ts';
import { certificateSchema, presentCertificate } from './presentation.ts';

const renewal = z.strictObject({ request: requestText });

export interface RenewalRouteDeps {
  certificates: Certificates;
  now(): number;
  /** Whether the owner was neither removed nor disabled. */
  isActive(owner: NonNullable<Certificate['owner']>): Promise<boolean>;
}

export function renewalRoute(deps: RenewalRouteDeps): Route {
  return route({
    name: 'renewOwnCertificate',
    method: 'POST',
    path: '/ca/renew',
    permission: 'public',
    summary: 'Renew the client certificate of the connection',
    description: 'The credential is the certificate itself, over mutual TLS. The new key is in the request.',
    body: renewal,
    answers: { 201: certificateSchema },
    handle: async (call) => json(presentCertificate(await renewOwn(deps, call), deps.now()), 201),
  });
}

/**
 * This is called after the body was read. So if a holder sends it slowly, the check uses the state at its
 * end.
 */
async function renewOwn(
  { certificates, now, isActive }: RenewalRouteDeps,
  call: Call<unknown, unknown, z.output<typeof renewal>>,
): Promise<Certificate> {
  const old = await presentedCertificate(certificates, call);
  if (old.owner && !(await isActive(old.owner))) {
    throw new GatehouseError('credential_invalid', 'The owner of this certificate was removed or disabled.');
  }
  return certificates.renew(old.serialNumber, parseRequest(call.body.request), {
    actor: holderOf(old, call),
    requireRenewable: (stored) => requireRenewable(stored, now()),
  });
}

async function presentedCertificate(certificates: Certificates, call: Call): Promise<Certificate> {
  const shown = call.clientCertificate();
  if (!shown) {
    throw new GatehouseError(
      'unauthenticated',
      'Connect with the certificate that you want to renew (mutual TLS).',
    );
  }
  const presented = readCertificate(shown);
  const known = await certificates.find(presented.serialNumber);
  if (!known || Buffer.compare(readCertificate(known.pem).der, presented.der) !== 0) {
    throw new GatehouseError(
      'credential_invalid',
      'This certificate was not issued here: renew it at the authority that issued it.',
    );
  }
  if (known.revokedAt !== undefined) {
    throw new GatehouseError('credential_invalid', 'This certificate was revoked: ask for a new one.');
  }
  return known;
}

/** A connection may last longer than the certificate that opened it. */
function requireRenewable({ notAfter, source }: StoredCertificate, now: number): void {
  if (notAfter <= now) {
    throw new GatehouseError('credential_invalid', 'This certificate has expired: ask for a new one.');
  }
  if (source !== 'admin') {
    throw new GatehouseError('forbidden', 'This certificate came from ACME: order it there again.');
  }
}

function holderOf({ owner, names }: Certificate, { address }: Call): Actor {
  if (owner) return { ...owner, address };
  return { kind: 'service', name: names[0] ?? 'unknown', address };
}
