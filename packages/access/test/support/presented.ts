// The credentials of a request, with defaults for all values.
import type { Presented } from '../../src/ways-in/way-in.ts';

export const ADDRESS = '192.0.2.7';
export const HOST = 'localhost:8443';

export function presentedWith(given: Partial<Presented> = {}): Presented {
  return {
    authorization: undefined,
    apiKey: undefined,
    dpop: undefined,
    certificate: undefined,
    address: ADDRESS,
    request: { method: 'GET', target: '/notes', host: HOST, isOwnHost: false, hasContent: false },
    ...given,
  };
}
