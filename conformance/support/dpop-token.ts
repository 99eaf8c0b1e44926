// A client whose tokens are bound to its key (RFC 9449 §5), and its requests with proofs.
import assert from 'node:assert/strict';
import { createDpopClient } from '../../packages/access/test/support/dpop-client.ts';
import type { Answer } from './https-client.ts';
import { ask } from './https-client.ts';
import type { RegisteredClient } from './oauth-client.ts';
import { basic } from './oauth-client.ts';

export interface BoundCaller {
  /** A proof for GET of this path at the gateway. */
  proof(path: string, claims?: Record<string, unknown>): Promise<string>;
  /** A request with this proof, or with a new one. */
  get(path: string, proof?: string): Promise<Answer>;
}

export interface Listeners {
  ca: string;
  port: number;
  controlPort: number;
  /** The URLs. */
  gateway: string;
  control: string;
}

/** Gets a token for a new key with the client's secret. */
export async function boundCaller(
  { ca, port, controlPort, gateway, control }: Listeners,
  client: Pick<RegisteredClient, 'client_id' | 'client_secret'>,
): Promise<BoundCaller> {
  const key = await createDpopClient(Date.now);
  const path = '/oauth/token';
  const dpop = await key.prove('', { ath: undefined, htm: 'POST', htu: control + path });
  const form = 'application/x-www-form-urlencoded';
  const answer = await ask({
    ca,
    port: controlPort,
    path,
    method: 'POST',
    headers: { 'content-type': form, authorization: basic(client), dpop },
    body: 'grant_type=client_credentials',
  });
  assert.equal(answer.status, 200, answer.text());
  const token = String(answer.json().access_token);
  const proof: BoundCaller['proof'] = (path, claims = {}) =>
    key.prove(token, { htu: gateway + path, ...claims });
  return {
    proof,
    async get(path, given) {
      const headers = { authorization: `DPoP ${token}`, dpop: given ?? (await proof(path)) };
      return ask({ ca, port, path, headers });
    },
  };
}
