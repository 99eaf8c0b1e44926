// Identity: the cost of authenticating callers and of issuing tokens.
import type { Area } from '../harness/area.ts';
import { area as signIns } from './identity/sign-ins.ts';
import { area as tokens } from './identity/tokens.ts';
import { area as ways } from './identity/ways.ts';

const PARTS: readonly Area[] = [ways, tokens, signIns];

/** Measures the parts in order. Each records its results. Resolves with whether all are valid. */
export const area: Area = async (options) => {
  let isSound = true;
  for (const part of PARTS) isSound = (await part(options)) && isSound;
  return isSound;
};
