// Access tokens signed with the server's own key: with claims that a test chooses, such as their binding.
import { createPrivateKey, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { ask } from './https-client.ts';
import { openSecrets } from './sealed-secrets.ts';
import type { ServerUnderTest } from './server-under-test.ts';

const SECRET = 'identity/token-signing-key';

/** Signs claims in addition to those of a sign-in token of `user`. */
export type SignToken = (user: string, claims?: Record<string, unknown>) => Promise<string>;

export async function ownTokens(server: ServerUnderTest): Promise<SignToken> {
  const secret = (await openSecrets(server.data)).get(SECRET);
  if (!secret) throw new Error(`there is no secret ${SECRET}`);
  const key = createPrivateKey({ key: secret, format: 'der', type: 'pkcs8' });
  const { controlPort: port, ca } = server;
  const keySet = (await ask({ port, ca, path: '/.well-known/jwks.json' })).json();
  const [{ kid } = {}] = keySet.keys as { kid?: string }[];
  const { control, gateway } = server.running.ready;
  return async (user, claims = {}) => {
    const all = {
      sub: user,
      token_epoch: await epochOf(server, user),
      client_id: 'gatehouse',
      amr: ['pwd'],
      ...claims,
    };
    return new SignJWT(all)
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: String(kid) })
      .setIssuer(control)
      .setAudience([gateway, control])
      .setIssuedAt()
      .setExpirationTime('5m')
      .setJti(randomUUID())
      .sign(key);
  };
}

/** Tokens of another epoch are void. A sign-in shows it. */
async function epochOf(server: ServerUnderTest, username: string): Promise<unknown> {
  const password = 'correct horse battery staple';
  const { controlPort: port, ca } = server;
  const answer = await ask({
    port,
    ca,
    path: '/auth/login',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
  const [, payload = ''] = String(answer.json().access_token).split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')).token_epoch;
}
