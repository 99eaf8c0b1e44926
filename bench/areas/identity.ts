// Identity: what it takes to know who calls, and to issue tokens.
import type { Area } from '../harness/area.ts';
import { area as signIns } from './identity/sign-ins.ts';
import { area as tokens } from './identity/tokens.ts';
import { area as ways } from './identity/ways.ts';

const PARTS: readonly Area[] = [ways, tokens, signIns];

/** Measures one part after another; each records itself. Resolves with whether every one is sound. */
export const area: Area = async (options) => {
  let isSound = true;
  for (const part of PARTS) isSound = (await part(options)) && isSound;
  return isSound;
};
