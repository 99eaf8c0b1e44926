// The hierarchy in the admin API: shows it, rotates the intermediate, imports a root whose key is elsewhere.
import { publicKeyType, spkiFingerprint } from '@gatehouse/x509';
import { z } from 'zod';
import { json } from '../../platform/http/answer.ts';
import type { Route } from '../../platform/http/route.ts';
import { actorOf, route } from '../../platform/http/route.ts';
import { timestamp } from '../../platform/http/schemas.ts';
import type { Authorities } from './authorities.ts';
import type { Authority } from './hierarchy.ts';
import type { PublicationUrls } from './publication.ts';

export interface HierarchyRoutesDeps {
  authorities: Authorities;
  urls: PublicationUrls;
  acmeDirectory: string;
  isRevoked(serialNumber: string): boolean;
  /** Puts a changed hierarchy to use everywhere. */
  hierarchyChanged(): Promise<void>;
}

const importedFiles = z.strictObject({
  intermediate: z
    .string()
    .max(64 * 1024)
    .describe('PEM of the certificate for the last request of this server'),
  roots: z
    .string()
    .max(256 * 1024)
    .describe('PEM: the certificates from its issuer up to the root'),
  destroyRootKey: z
    .boolean()
    .default(false)
    .describe('Whether the key of the root in force may be destroyed, if this server has it'),
});

const authoritySchema = z
  .object({
    id: z.string().describe('Its key identifier, in hex'),
    role: z.enum(['root', 'intermediate']),
    state: z.enum(['active', 'retired', 'pending', 'revoked']),
    keyType: z.string(),
    subject: z.string(),
    notBefore: timestamp,
    notAfter: timestamp,
    serial: z.string(),
    spkiSha256: z.string().describe('SHA-256 of the public key (SPKI), in hex'),
    pin: z.string().describe('The same as `sha256/` and base64'),
    keyOnline: z.boolean().describe('Whether this server has its private key'),
  })
  .meta({ id: 'Authority' });

/** One authority: a root or an intermediate. */
export type AuthorityView = z.output<typeof authoritySchema>;

const hierarchySchema = z
  .object({
    roots: z.string().describe('PEM, the root in force first'),
    authorities: z.array(authoritySchema),
    urls: z.object({
      roots: z.string(),
      ocsp: z.string(),
      crl: z.string(),
      acmeDirectory: z.string(),
    }),
  })
  .meta({ id: 'Hierarchy' });

/** All authorities, the roots in PEM, and the public URLs. */
export type HierarchyView = z.output<typeof hierarchySchema>;

export function hierarchyRoutes(deps: HierarchyRoutesDeps): Route[] {
  const { authorities } = deps;
  const changing = async (act: Promise<void>) => {
    await act;
    await deps.hierarchyChanged();
    return json(present(deps));
  };
  return [
    route({
      name: 'readHierarchy',
      method: 'GET',
      path: '/admin/ca',
      permission: 'ca:ReadHierarchy',
      summary: 'Read the certificate authorities',
      answers: { 200: hierarchySchema },
      handle: () => json(present(deps)),
    }),
    route({
      name: 'rotateIntermediate',
      method: 'POST',
      path: '/admin/ca/rotate',
      permission: 'ca:RotateIntermediate',
      summary: 'Create a new intermediate, and sign with it',
      answers: { 200: hierarchySchema },
      handle: (call) => changing(authorities.rotate(actorOf(call))),
    }),
    route({
      name: 'requestIntermediate',
      method: 'POST',
      path: '/admin/ca/request',
      permission: 'ca:RotateIntermediate',
      summary: 'Create a request for an intermediate, for a root that is stored elsewhere',
      answers: { 200: z.object({ request: z.string().describe('PKCS#10, PEM') }) },
      handle: async (call) => json({ request: await authorities.request(actorOf(call)) }),
    }),
    route({
      name: 'importHierarchy',
      method: 'POST',
      path: '/admin/ca/import',
      permission: 'ca:ImportHierarchy',
      summary: 'Sign with an intermediate that a root elsewhere has signed',
      body: importedFiles,
      answers: { 200: hierarchySchema },
      handle(call) {
        const { destroyRootKey, ...files } = call.body;
        return changing(authorities.import(files, { actor: actorOf(call), destroyRootKey }));
      },
    }),
  ];
}

function present({ authorities, urls, acmeDirectory, isRevoked }: HierarchyRoutesDeps): HierarchyView {
  const { roots, intermediates, rootsPem } = authorities.current();
  return {
    roots: rootsPem,
    authorities: [...roots, ...intermediates].map((authority) => ({
      ...presentAuthority(authority),
      ...(isRevoked(authority.certificate.serialNumber) && { state: 'revoked' }),
    })),
    urls: { roots: urls.roots, ocsp: urls.ocsp, crl: urls.crl(intermediates[0].id), acmeDirectory },
  };
}

function presentAuthority({ id, role, state, signer, certificate }: Authority): AuthorityView {
  const { pin, hex } = spkiFingerprint(certificate);
  return {
    id,
    role,
    state,
    keyType: publicKeyType(certificate.spki),
    subject: certificate.subject.text,
    notBefore: certificate.notBefore.toISOString(),
    notAfter: certificate.notAfter.toISOString(),
    serial: certificate.serialNumber,
    spkiSha256: hex,
    pin,
    keyOnline: signer !== undefined,
  };
}
