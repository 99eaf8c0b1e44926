// A signed request that is repeated with a new nonce if the old one is from an earlier start (RFC 8555 §6.5).
import type { AcmeAnswer, AcmeClient } from '../../support/acme-client.ts';

const BAD_NONCE = 'urn:ietf:params:acme:error:badNonce';

/** A request to the account itself. On a new connection: the server may close an open one that is idle. */
export async function postToAccount(client: AcmeClient, payload?: unknown): Promise<AcmeAnswer> {
  client.close();
  for (;;) {
    const answer = await client.post(client.account, payload);
    if (answer.body.type !== BAD_NONCE) return answer;
  }
}
