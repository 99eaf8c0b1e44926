// Compiles the section `policies`. A policy that did not change is not compiled again.
import type { CompiledPolicy } from '@gatehouse/cedar';
import { CedarError, compilePolicy } from '@gatehouse/cedar';
import { GatehouseError } from '../errors/errors.ts';
import type { SectionPolicy } from './section-policy.ts';

/** Compiled policies by their ids, each with its source. */
export type CompiledPolicies = ReadonlyMap<string, { source: SectionPolicy; compiled: CompiledPolicy }>;

/**
 * `earlier` are the policies in force: unchanged policies are the same objects. Throws `policy_invalid` with
 * the id of the policy.
 * @example
 * const next = compilePolicies(section, inForce);
 */
export function compilePolicies(
  policies: ReadonlyMap<string, SectionPolicy>,
  earlier: CompiledPolicies = new Map(),
): CompiledPolicies {
  const next = new Map<string, { source: SectionPolicy; compiled: CompiledPolicy }>();
  for (const [id, source] of policies) {
    const known = earlier.get(id);
    next.set(id, known?.source === source ? known : { source, compiled: compileNamed(id, source) });
  }
  return next;
}

function compileNamed(id: string, { json, slots }: SectionPolicy): CompiledPolicy {
  try {
    return compilePolicy(id, json, slots);
  } catch (error) {
    if (!(error instanceof CedarError)) throw error;
    throw new GatehouseError(error.code, `Policy ${id}: ${error.message}`, { cause: error });
  }
}
