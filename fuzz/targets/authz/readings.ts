// Every attribute that a policy can read in the worlds in which types fit, by its type, with the questions
// that must come first because it may be absent.
import type { Members, Type } from './schema.ts';
import { CONTEXT, ENTITY_KINDS } from './schema.ts';

type Json = Record<string, unknown>;

/** An expression that reads something. */
export interface Reading {
  readonly json: Json;
  /** `principal has boss`: they are joined with `&&`. */
  readonly guards: readonly Json[];
}

export type EntityType = keyof typeof ENTITY_KINDS;
export const ENTITY_TYPES = Object.keys(ENTITY_KINDS) as EntityType[];

/** How many attributes one behind the other. */
const DEPTH = 3;

const byType = new Map<string, Reading[]>();
collect({ json: { Var: 'principal' }, guards: [] }, { entity: 'User' }, DEPTH);
collect({ json: { Var: 'resource' }, guards: [] }, { entity: 'App::Document' }, DEPTH);
collectMembers({ json: { Var: 'context' }, guards: [] }, CONTEXT, DEPTH);

export function readingsOf(type: Type): readonly Reading[] {
  return byType.get(JSON.stringify(type)) ?? [];
}

function collect(reading: Reading, type: Type, depth: number): void {
  const key = JSON.stringify(type);
  byType.set(key, [...(byType.get(key) ?? []), reading]);
  if (typeof type === 'string' || 'set' in type || depth === 0) return;
  const members = 'record' in type ? type.record : ENTITY_KINDS[type.entity as EntityType].members;
  collectMembers(reading, members, depth);
}

function collectMembers({ json: left, guards }: Reading, members: Members, depth: number): void {
  for (const [attr, { type, isOptional = false }] of Object.entries(members)) {
    const guard = isOptional ? [{ has: { left, attr } }] : [];
    collect({ json: { '.': { left, attr } }, guards: [...guards, ...guard] }, type, depth - 1);
  }
}
