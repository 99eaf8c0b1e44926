// The hierarchy in the admin API: what it is, and how intermediates are rotated and a root that is kept elsewhere is brought in.
import { publicKeyType, spkiFingerprint } from '@gatehouse/x509';
import { z } from 'zod';
import type { Call, Route } from '../../platform/http/route.ts';
import { actorOf, json } from '../../platform/http/route.ts';
import type { Authorities } from './authorities.ts';
import type { Authority } from './hierarchy.ts';
import type { PublicationUrls } from './publication.ts';

export interface HierarchyRoutesDeps {
  authorities: Authorities;
  urls: PublicationUrls;
  acmeDirectory: string;
  isRevoked(serialNumber: string): boolean;
  /** Puts the hierarchy that was just changed to use everywhere. */
  hierarchyChanged(): Promise<void>;
}

const importedFiles = z.strictObject({
  intermediate: z.string().max(64 * 1024),
  roots: z.string().max(256 * 1024),
  destroyRootKey: z.boolean().default(false),
});

export function hierarchyRoutes(deps: HierarchyRoutesDeps): Route[] {
  const { authorities } = deps;
  const changing = (act: (call: Call) => Promise<void>) => async (call: Call) => {
    await act(call);
    await deps.hierarchyChanged();
    return json(present(deps));
  };
  return [
    {
      method: 'GET',
      path: '/admin/ca',
      permission: 'ca:ReadHierarchy',
      handle: () => json(present(deps)),
    },
    {
      method: 'POST',
      path: '/admin/ca/rotate',
      permission: 'ca:RotateIntermediate',
      handle: changing((call) => authorities.rotate(actorOf(call))),
    },
    {
      method: 'POST',
      path: '/admin/ca/request',
      permission: 'ca:RotateIntermediate',
      handle: async (call) => json({ request: await authorities.request(actorOf(call)) }),
    },
    {
      method: 'POST',
      path: '/admin/ca/import',
      permission: 'ca:ImportHierarchy',
      handle: changing(async (call) => {
        const { destroyRootKey, ...files } = await call.body(importedFiles);
        await authorities.import(files, { actor: actorOf(call), destroyRootKey });
      }),
    },
  ];
}

function present({ authorities, urls, acmeDirectory, isRevoked }: HierarchyRoutesDeps) {
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

function presentAuthority({ id, role, state, signer, certificate }: Authority) {
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
