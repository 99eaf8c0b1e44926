// The builds of Gatehouse that take part in a run: this checkout and, with `--against DIR`, another one.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { BenchOptions } from './area.ts';

export interface Build {
  name: string;
  /** Undefined for this checkout. */
  checkout: string | undefined;
}

/** Throws unless `against` is a checkout in which `npm ci` was run. */
export function buildsOf({ against }: Pick<BenchOptions, 'against'>): Build[] {
  const own = { name: 'Gatehouse', checkout: undefined };
  if (against === undefined) return [own];
  const checkout = resolve(against);
  if (existsSync(join(checkout, 'node_modules'))) return [own, { name: 'Gatehouse, other build', checkout }];
  throw new Error(`${checkout} has no node_modules: give a checkout of Gatehouse in which "npm ci" was run`);
}
