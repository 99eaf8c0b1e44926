// The policies that apply to all routes of the gateway, besides those of the rules of routes.
import type { SectionPolicy } from '@gatehouse/access';
import { defaultPolicies } from '@gatehouse/access';
import type { CommittedEvent } from '../platform/events.ts';

export interface AppliedPolicies {
  /** By their ids. */
  entries(): Iterable<readonly [id: string, policy: SectionPolicy]>;
  /** Whether an event may change the entries. */
  touches(event: CommittedEvent): boolean;
}

/** Those of a gateway to which none were applied. */
export function createDefaultPolicies(): AppliedPolicies {
  return { entries: defaultPolicies, touches: () => false };
}
