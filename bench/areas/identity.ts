// Identity: what it takes to know who calls.
import type { Area } from '../harness/area.ts';
import { area as ways } from './identity/ways.ts';

const PARTS: readonly Area[] = [ways];

/** Measures one part after another; each records itself. Resolves with whether every one is sound. */
export const area: Area = async (options) => {
  let isSound = true;
  for (const part of PARTS) isSound = (await part(options)) && isSound;
  return isSound;
};
