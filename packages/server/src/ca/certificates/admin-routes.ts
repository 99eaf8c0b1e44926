// The certificate authority in the admin API: issuing for a request, the inventory, and revocation.
import type { Owner } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { ParsedRequest } from '@gatehouse/x509';
import { REVOCATION_REASONS, readRequest, X509Error } from '@gatehouse/x509';
import { z } from 'zod';
import { json } from '../../platform/http/answer.ts';
import type { Call, Route } from '../../platform/http/route.ts';
import { actorOf, route } from '../../platform/http/route.ts';
import { limit, wholeNumber } from '../../platform/http/schemas.ts';
import type { RoleWarnings } from '../../platform/known-roles.ts';
import type { Tx } from '../../platform/store/database.ts';
import type { Certificate } from '../types.ts';
import type { Certificates } from './certificates.ts';
import {
  certificateEntrySchema,
  certificateSchema,
  decodeCursor,
  encodeCursor,
  issuedCertificateSchema,
  presentCertificate,
  presentEntry,
} from './presentation.ts';
import { readPresented } from './recovery.ts';

/**
 * Finds the owner of a new certificate: the user of that name, otherwise the service. A new service is
 * registered.
 */
export interface Owners {
  /** Throws `conflict` if roles are given for a user. */
  resolve(tx: Tx, name: string, roles: readonly string[] | undefined): Promise<Owner>;
}

export interface CertificateRoutesDeps {
  certificates: Certificates;
  owners: Owners;
  roleWarnings: RoleWarnings;
  now(): number;
}

/** A certificate signing request (RFC 2986) in a body. */
export const requestText = z
  .string()
  .max(64 * 1024)
  .describe('PKCS#10, PEM');

const name = z.string().min(1).max(512);
const newCertificate = z.strictObject({
  request: requestText,
  names: z
    .array(name)
    .min(1)
    .max(100)
    .optional()
    .describe('Default: the names of the request. The first name of a client certificate is its owner'),
  profile: name.default('server').describe('A profile of the setting ca.profiles'),
  lifetimeSeconds: z
    .int()
    .min(1)
    .max(366 * 86_400)
    .optional()
    .describe('Default: the lifetime of the profile'),
  roles: z
    .array(name)
    .max(32)
    .optional()
    .describe('Roles of the service, if the certificate is for a new service'),
});
const renewal = z.strictObject({ request: requestText });
const revocation = z.strictObject({
  reason: z.enum(REVOCATION_REASONS).default('unspecified').describe('RFC 5280 §5.3.1'),
  certificate: z
    .string()
    .max(64 * 1024)
    .optional()
    .describe('PEM of the certificate, which may be missing in the inventory'),
});
const listQuery = z.strictObject({
  expiringSeconds: wholeNumber({ min: 0 })
    .optional()
    .describe('Only valid certificates that expire within this number of seconds'),
  status: z.enum(['valid', 'expired', 'revoked']).optional(),
  profile: name.optional(),
  name: name.optional().describe('Only certificates with this name'),
  limit: limit(100),
  after: z.string().max(100).optional().describe('The value of `next` in the previous answer'),
});
/** Accepts the form of openssl, too, with colons or in upper case. */
const bySerial = z.object({
  serial: z
    .string()
    .transform((text) => text.replaceAll(':', '').toLowerCase())
    .describe('The serial number in hex'),
});

export function certificateRoutes(deps: CertificateRoutesDeps): Route[] {
  return [issueRoute(deps), ...inventoryRoutes(deps), revokeRoute(deps), renewRoute(deps)];
}

function issueRoute(deps: CertificateRoutesDeps): Route {
  return route({
    name: 'issueCertificate',
    method: 'POST',
    path: '/admin/certificates',
    permission: 'ca:IssueCertificate',
    summary: 'Issue a certificate for a request',
    body: newCertificate,
    answers: { 201: issuedCertificateSchema },
    async handle(call) {
      const issued = presentCertificate(await issue(deps, call), deps.now());
      return json({ ...issued, warnings: deps.roleWarnings(call.body.roles ?? []) }, 201);
    },
  });
}

function inventoryRoutes({ certificates, now }: CertificateRoutesDeps): Route[] {
  return [
    route({
      name: 'listCertificates',
      method: 'GET',
      path: '/admin/certificates',
      permission: 'ca:ListCertificates',
      summary: 'List certificates, the newest first',
      query: listQuery,
      answers: {
        200: z.object({
          certificates: z.array(certificateEntrySchema),
          next: z.string().nullable().describe('The start of the next page: send it as `after`'),
        }),
      },
      async handle(call) {
        const { after, ...query } = call.query;
        const page = await certificates.list({ ...query, after: decodeCursor(after) });
        const last = page.length === query.limit ? page.at(-1) : undefined;
        const entries = page.map((certificate) => presentEntry(certificate, now()));
        return json({ certificates: entries, next: last ? encodeCursor(last) : null });
      },
    }),
    route({
      name: 'readCertificate',
      method: 'GET',
      path: '/admin/certificates/:serial',
      permission: 'ca:ReadCertificate',
      summary: 'Read a certificate',
      params: bySerial,
      answers: { 200: certificateSchema },
      handle: async ({ params }) => json(presentCertificate(await find(certificates, params.serial), now())),
    }),
  ];
}

function revokeRoute({ certificates, now }: CertificateRoutesDeps): Route {
  return route({
    name: 'revokeCertificate',
    method: 'POST',
    path: '/admin/certificates/:serial/revoke',
    permission: 'ca:RevokeCertificate',
    summary: 'Revoke a certificate',
    description: 'The revocation list, OCSP and the gateway have the revocation before the answer.',
    params: bySerial,
    body: revocation,
    answers: { 200: certificateSchema },
    async handle(call) {
      const { serial } = call.params;
      const { reason, certificate } = call.body;
      const revoked =
        certificate === undefined
          ? await certificates.revoke(serial, reason, actorOf(call))
          : await certificates.revokeCertificate(requireSerial(serial, certificate), reason, actorOf(call));
      return json(presentCertificate(revoked, now()));
    },
  });
}

function renewRoute({ certificates, now }: CertificateRoutesDeps): Route {
  return route({
    name: 'renewCertificate',
    method: 'POST',
    path: '/admin/certificates/:serial/renew',
    permission: 'ca:IssueCertificate',
    summary: 'Renew a certificate, with a new key',
    params: bySerial,
    body: renewal,
    answers: { 201: certificateSchema },
    async handle(call) {
      const request = parseRequest(call.body.request);
      const renewed = await certificates.renew(call.params.serial, request, { actor: actorOf(call) });
      return json(presentCertificate(renewed, now()), 201);
    },
  });
}

async function issue(
  { certificates, owners, now }: CertificateRoutesDeps,
  call: Call<unknown, unknown, z.output<typeof newCertificate>>,
): Promise<Certificate> {
  const { request, names, profile, lifetimeSeconds, roles } = call.body;
  const parsed = parseRequest(request);
  const notAfter = lifetimeSeconds === undefined ? undefined : new Date(now() + lifetimeSeconds * 1000);
  const belongs = certificates.isForClients(profile);
  if (roles && !belongs) throw new GatehouseError('unprocessable', `Profile ${profile} has no roles.`);
  const order = { request: parsed, names, notAfter, source: 'admin' } as const;
  if (!belongs) return certificates.issue({ ...order, profile }, actorOf(call));
  const issued = await certificates.issueWithin(profile, actorOf(call), async (tx) => {
    const owner = await owners.resolve(tx, ownerNameOf(parsed, names), roles);
    return { ...order, owner };
  });
  return issued;
}

/** The first name in the order, otherwise the common name of the request. */
function ownerNameOf({ subject }: ParsedRequest, names: readonly string[] | undefined): string {
  const commonName = subject.rdns.flat().find(({ type }) => type === 'CN')?.text;
  const owner = names?.[0] ?? commonName;
  if (owner !== undefined) return owner;
  throw new GatehouseError(
    'unprocessable',
    'The certificate needs an owner, and neither "names" nor the request has a name: give one.',
  );
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

async function find(certificates: Certificates, serialNumber: string): Promise<Certificate> {
  const found = await certificates.find(serialNumber);
  if (found) return found;
  throw new GatehouseError(
    'not_found',
    `There is no certificate ${serialNumber}: see 'gatehouse cert list'.`,
  );
}

/** The certificate in the body must have the serial number in the path. */
function requireSerial(serial: string, certificate: string): string {
  const { serialNumber } = readPresented(certificate);
  if (serialNumber === serial) return certificate;
  throw new GatehouseError(
    'unprocessable',
    `certificate: its serial number is ${serialNumber}, but the path has another one.`,
  );
}
