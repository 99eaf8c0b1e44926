// The route of a key set (RFC 7517 §5), with which anyone can verify signatures of the server.
import { z } from 'zod';
import type { SigningKeys } from '../keyring/index.ts';
import { json } from '../platform/http/answer.ts';
import type { Route } from '../platform/http/route.ts';
import { route } from '../platform/http/route.ts';

export interface KeySetPlace {
  /** The name of the operation. */
  name: string;
  path: string;
  summary: string;
}

/** Serves all keys of a use that sign, will sign, or have signatures that are still valid. */
export function keySetRoute(keys: Pick<SigningKeys, 'keySet'>, place: KeySetPlace): Route {
  return route({
    ...place,
    method: 'GET',
    permission: 'public',
    answers: { 200: z.object({ keys: z.array(z.looseObject({})) }) },
    handle: () => json(keys.keySet),
  });
}
