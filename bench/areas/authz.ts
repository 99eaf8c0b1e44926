// Authorization: the cost of a decision beside other engines, and the cost of a change.
import type { Area } from '../harness/area.ts';
import { area as changes } from './authz/changes.ts';
import { area as decisions } from './authz/decisions.ts';

const PARTS: readonly Area[] = [decisions, changes];

/** Measures the parts in order. Each records its results. Resolves with whether all are valid. */
export const area: Area = async (options) => {
  let isSound = true;
  for (const part of PARTS) isSound = (await part(options)) && isSound;
  return isSound;
};
