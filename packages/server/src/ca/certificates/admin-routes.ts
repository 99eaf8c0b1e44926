// The certificate authority in the admin API: issuing for a request, the inventory, revocation, and the hierarchy.

import type { ParsedRequest } from '@gatehouse/x509';
import { REVOCATION_REASONS, readRequest, X509Error } from '@gatehouse/x509';
import { z } from 'zod';
import type { Tx } from '../../platform/database.ts';
import { GatehouseError } from '../../platform/errors.ts';
import type { Answer, Call, Route } from '../../platform/http/route.ts';
import { actorOf, json } from '../../platform/http/route.ts';
import type { Owner } from '../../platform/principal.ts';
import type { Certificate } from '../types.ts';
import type { Certificates } from './certificates.ts';
import { decodeCursor, encodeCursor, presentCertificate, withoutTexts } from './presentation.ts';
import { readPresented } from './recovery.ts';

/** Whose a certificate is to be: a user of that name, else the service, which is registered when it is new. */
export interface Owners {
  /** Throws `conflict` where roles are given for a user. */
  resolve(tx: Tx, name: string, roles: readonly string[] | undefined): Promise<Owner>;
}

export interface CertificateRoutesDeps {
  certificates: Certificates;
  owners: Owners;
  now(): number;
}

const pem = z.string().max(64 * 1024);
const name = z.string().min(1).max(512);
const newCertificate = z.strictObject({
  request: pem,
  names: z.array(name).min(1).max(100).optional(),
  profile: name.default('server'),
  lifetimeSeconds: z
    .int()
    .min(1)
    .max(366 * 86_400)
    .optional(),
  roles: z.array(name).max(32).optional(),
});
const renewal = z.strictObject({ request: pem });
const revocation = z.strictObject({
  reason: z.enum(REVOCATION_REASONS).default('unspecified'),
  /** The certificate itself, which then need not be in the inventory. */
  certificate: pem.optional(),
});
const listQuery = z.strictObject({
  expiringSeconds: z.coerce.number().min(0).optional(),
  status: z.enum(['valid', 'expired', 'revoked']).optional(),
  profile: name.optional(),
  name: name.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  after: z.string().max(100).optional(),
});

export function certificateRoutes(deps: CertificateRoutesDeps): Route[] {
  const { certificates, now } = deps;
  return [
    {
      method: 'POST',
      path: '/admin/certificates',
      permission: 'ca:IssueCertificate',
      handle: (call) => issue(deps, call),
    },
    {
      method: 'GET',
      path: '/admin/certificates',
      permission: 'ca:ListCertificates',
      async handle(call) {
        const { after, ...query } = call.query(listQuery);
        const page = await certificates.list({ ...query, after: decodeCursor(after) });
        const last = page.length === query.limit ? page.at(-1) : undefined;
        const entries = page.map((certificate) => withoutTexts(presentCertificate(certificate, now())));
        return json({ certificates: entries, next: last ? encodeCursor(last) : null });
      },
    },
    {
      method: 'GET',
      path: '/admin/certificates/:serial',
      permission: 'ca:ReadCertificate',
      handle: async (call) => json(presentCertificate(await find(certificates, call), now())),
    },
    {
      method: 'POST',
      path: '/admin/certificates/:serial/revoke',
      permission: 'ca:RevokeCertificate',
      async handle(call) {
        const { reason, certificate } = await call.body(revocation);
        const revoked =
          certificate === undefined
            ? await certificates.revoke(serialOf(call), reason, actorOf(call))
            : await certificates.revokeCertificate(requireSerial(call, certificate), reason, actorOf(call));
        return json(presentCertificate(revoked, now()));
      },
    },
    {
      method: 'POST',
      path: '/admin/certificates/:serial/renew',
      permission: 'ca:IssueCertificate',
      async handle(call) {
        const { request } = await call.body(renewal);
        const renewed = await certificates.renew(serialOf(call), parseRequest(request), {
          actor: actorOf(call),
        });
        return json(presentCertificate(renewed, now()), 201);
      },
    },
  ];
}

async function issue({ certificates, owners, now }: CertificateRoutesDeps, call: Call): Promise<Answer> {
  const { request, names, profile, lifetimeSeconds, roles } = await call.body(newCertificate);
  const parsed = parseRequest(request);
  const notAfter = lifetimeSeconds === undefined ? undefined : new Date(now() + lifetimeSeconds * 1000);
  const belongs = certificates.isForClients(profile);
  if (roles && !belongs) throw new GatehouseError('unprocessable', `Profile ${profile} has no roles.`);
  const order = { request: parsed, names, notAfter, source: 'admin' } as const;
  const issued = belongs
    ? await certificates.issueWithin(profile, actorOf(call), async (tx) => {
        const owner = await owners.resolve(tx, ownerNameOf(parsed, names), roles);
        return { ...order, owner };
      })
    : await certificates.issue({ ...order, profile }, actorOf(call));
  return json(presentCertificate(issued, now()), 201);
}

/** The first name that is asked for; where none is, the common name of the request. */
function ownerNameOf({ subject }: ParsedRequest, names: readonly string[] | undefined): string {
  const commonName = subject.rdns.flat().find(({ type }) => type === 'CN')?.text;
  const owner = names?.[0] ?? commonName;
  if (owner !== undefined) return owner;
  throw new GatehouseError('unprocessable', 'Say whose the certificate is to be: give a name.');
}

/** Reads the PEM of a request. Throws `unprocessable`. */
export function parseRequest(text: string): ParsedRequest {
  try {
    return readRequest(text);
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
    throw new GatehouseError('unprocessable', `request: ${error.message}.`, { cause: error });
  }
}

async function find(certificates: Certificates, call: Call): Promise<Certificate> {
  const serialNumber = serialOf(call);
  const found = await certificates.find(serialNumber);
  if (found) return found;
  throw new GatehouseError(
    'not_found',
    `There is no certificate ${serialNumber}: see 'gatehouse cert list'.`,
  );
}

/** The certificate of the body must be the one of the path. */
function requireSerial(call: Call, certificate: string): string {
  const { serialNumber } = readPresented(certificate);
  if (serialNumber === serialOf(call)) return certificate;
  throw new GatehouseError(
    'unprocessable',
    `certificate: its serial number is ${serialNumber}, and the path has another.`,
  );
}

/** As openssl prints it, with colons or in capitals, is as good. */
function serialOf(call: Call): string {
  return call.param('serial').replaceAll(':', '').toLowerCase();
}
