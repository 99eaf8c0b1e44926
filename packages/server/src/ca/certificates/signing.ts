// Signs certificates for others with the intermediate in force. Refuses orders that their profile does not
// allow. Writes nothing.
import type { Clock } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { CertificateProfile } from '@gatehouse/x509';
import { X509Error } from '@gatehouse/x509';
import type { Authorities } from '../hierarchy/authorities.ts';
import type { PublicationUrls } from '../hierarchy/publication.ts';
import type { CaSettings, Certificate, CertificateSource, ProfileSettings } from '../types.ts';
import type { IssuingProfile, TemplateOrder } from './profiles.ts';
import { createProfile, extensionsOf, refused } from './profiles.ts';

export interface SigningOrder extends TemplateOrder {
  profile: string;
  /** How the request was checked: by an administrator, or by the validation of its names. */
  source: CertificateSource;
  /** The serial number of the certificate that this one renews. */
  renews?: string | undefined;
}

export interface SignedCertificate extends Certificate {
  /** The authority that signed it. */
  issuerId: string;
  renews?: string | undefined;
}

export interface Signing {
  /** Throws `certificate_refused`, `clock_wrong`, or `not_found` for an unknown profile. */
  sign(order: SigningOrder): SignedCertificate;
  /** Whether certificates of this profile have an owner. Throws `not_found`. */
  isForClients(profile: string): boolean;
}

export interface SigningDeps {
  clock: Clock;
  authorities: Authorities;
  urls: PublicationUrls;
}

export function createSigning(
  deps: SigningDeps,
  settings: Pick<CaSettings, 'profiles' | 'trustDomain'>,
): Signing {
  const { clock, authorities } = deps;
  const profiles = new Map(
    Object.entries(settings.profiles).map(([name, profile]) => [
      name,
      createProfile(name, profile, settings.trustDomain),
    ]),
  );
  const extensions = createExtensions(deps.urls);

  function profileNamed(name: string): { profile: IssuingProfile; settings: ProfileSettings } {
    const profile = profiles.get(name);
    const its = settings.profiles[name];
    if (profile && its) return { profile, settings: its };
    const known = [...profiles.keys()].join(', ');
    throw new GatehouseError('not_found', `There is no profile ${name}: use one of ${known}.`);
  }

  return {
    isForClients: (name) => profileNamed(name).profile.isForClients,
    sign(order) {
      const { profile, settings: its } = profileNamed(order.profile);
      authorities.requireClock();
      const { issuer, intermediates } = authorities.current();
      const { id, pem, certificate } = intermediates[0];
      const now = clock.now();
      const { template, names } = profile.template(order, now, certificate.notAfter);
      const issued = signing(() =>
        issuer.issue({ ...template, profile: extensions(order.profile, its, id) }),
      );
      const { pem: leaf } = issued;
      return {
        serialNumber: issued.serialNumber,
        profile: order.profile,
        names,
        notBefore: issued.notBefore,
        notAfter: issued.notAfter,
        issuedAt: now,
        pem: leaf,
        chain: leaf + pem,
        issuerKeyId: certificate.subjectKeyIdentifier ?? id,
        issuerId: id,
        owner: order.owner,
        source: order.source,
        renews: order.renews,
      };
    },
  };
}

/** One object for each profile of the issuer in force, because an issuer encodes each object only once. */
function createExtensions(urls: PublicationUrls) {
  const known = new Map<string, CertificateProfile>();
  let knownIssuer = '';
  return (name: string, settings: ProfileSettings, issuerId: string): CertificateProfile => {
    if (issuerId !== knownIssuer) known.clear();
    knownIssuer = issuerId;
    const extensions = known.get(name) ?? extensionsOf(settings, urls.of(issuerId));
    known.set(name, extensions);
    return extensions;
  };
}

function signing<T>(sign: () => T): T {
  try {
    return sign();
  } catch (error) {
    if (error instanceof X509Error) throw refused(error.message, error);
    throw error;
  }
}
