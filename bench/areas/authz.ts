// Authorization: what a decision costs beside other engines, and what it takes to apply a change.
import type { Area } from '../harness/area.ts';
import { area as changes } from './authz/changes.ts';
import { area as decisions } from './authz/decisions.ts';

const PARTS: readonly Area[] = [decisions, changes];

/** Measures one part after another; each records itself. Resolves with whether every one is sound. */
export const area: Area = async (options) => {
  let isSound = true;
  for (const part of PARTS) isSound = (await part(options)) && isSound;
  return isSound;
};
