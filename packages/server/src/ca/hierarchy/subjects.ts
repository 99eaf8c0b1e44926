// The subjects of the certificates that the authority issues to itself.
import type { Subject } from '@gatehouse/x509';

export function rootSubject(organization: string): Subject {
  return { organization, commonName: `${organization} Root` };
}

export function intermediateSubject(organization: string): Subject {
  return { organization, commonName: `${organization} Intermediate` };
}

export function delegateSubject(organization: string): Subject {
  return { organization, commonName: `${organization} OCSP` };
}
