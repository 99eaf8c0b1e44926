// Finds the names in a policy, in its JSON form.
import type { EntityJson, PolicyJson } from '@gatehouse/cedar';

/** The entities that a policy names, in order and with repetitions. */
export function entitiesIn(policy: PolicyJson): EntityJson[] {
  const found: EntityJson[] = [];
  visit(policy, (object) => {
    const { type, id } = object as Partial<EntityJson>;
    if (typeof type === 'string' && typeof id === 'string' && Object.keys(object).length === 2)
      found.push({ type, id });
  });
  return found;
}

/** `OWNER has NAME` */
export interface Asked {
  owner: 'principal' | 'resource' | 'context' | 'params' | 'query' | 'headers';
  name: string;
}

/** What a policy asks for with `has`. */
export function askedIn(policy: PolicyJson): Asked[] {
  const found: Asked[] = [];
  visit(policy.conditions, ({ has }) => {
    const { left, attr } = (has ?? {}) as { left?: unknown; attr?: string | readonly string[] };
    const owner = ownerOf(left);
    const [name] = [attr].flat();
    if (owner && name !== undefined) found.push({ owner, name });
  });
  return found;
}

function ownerOf(left: unknown): Asked['owner'] | undefined {
  const { Var: variable, '.': member } = (left ?? {}) as {
    Var?: string;
    '.'?: { left: unknown; attr: string };
  };
  if (variable === 'principal' || variable === 'resource' || variable === 'context') return variable;
  const isOfContext = (member?.left as { Var?: string } | undefined)?.Var === 'context';
  const attr = isOfContext ? member?.attr : undefined;
  return attr === 'params' || attr === 'query' || attr === 'headers' ? attr : undefined;
}

/**
 * The names of all attributes that a policy reads or asks for, whether of a caller, a route or the context.
 */
export function attributesReadBy(policy: PolicyJson): string[] {
  const found: string[] = [];
  visit(policy.conditions, (object) => {
    const { attr } = (object['.'] ?? object.has ?? {}) as { attr?: string | readonly string[] };
    found.push(...[attr ?? []].flat());
  });
  return found;
}

/** Skips literals, because a string in them is no name. */
function visit(json: unknown, see: (object: Record<string, unknown>) => void): void {
  if (typeof json !== 'object' || json === null) return;
  if (!Array.isArray(json)) see(json as Record<string, unknown>);
  for (const part of Object.values(json)) visit(part, see);
}
