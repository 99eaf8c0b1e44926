// The authorities that publish revocation lists, because their key is here, and those that must publish a
// list for the acts of a commit.
import type { DomainEvent } from '../../platform/feed/events.ts';
import { isListDue, isRevocation } from '../events.ts';
import type { Authority, Hierarchy } from '../hierarchy/hierarchy.ts';

/** The authorities whose lists change by these acts, each with the revoked serial numbers. */
export function issuersOf(acts: readonly DomainEvent[]): Map<string, string[]> {
  const issuers = new Map<string, string[]>();
  const revokedBy = (issuerId: string) => {
    const serialNumbers = issuers.get(issuerId) ?? [];
    issuers.set(issuerId, serialNumbers);
    return serialNumbers;
  };
  for (const event of acts) {
    if (isRevocation(event)) revokedBy(String(event.data.issuer)).push(event.subject);
    else if (isListDue(event)) revokedBy(event.subject);
  }
  return issuers;
}

export interface SigningAuthority extends Authority {
  signer: NonNullable<Authority['signer']>;
}

export function signing({ roots, intermediates }: Hierarchy): SigningAuthority[] {
  return [...roots, ...intermediates].filter(
    (authority) => authority.signer !== undefined,
  ) as SigningAuthority[];
}
