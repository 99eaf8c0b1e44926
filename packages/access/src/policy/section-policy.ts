// A policy in the section `policies`: plain data from which each worker compiles it.
import type { PolicyJson, SlotValues } from '@gatehouse/cedar';

/** A policy of Cedar. For a template, `slots` has the values of its link. */
export interface SectionPolicy {
  json: PolicyJson;
  slots?: SlotValues;
}
