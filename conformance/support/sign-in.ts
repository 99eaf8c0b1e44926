// Signs in at the control listener like a program, from any address of this machine.
import { Agent } from 'node:https';
import { TOTP } from 'otpauth';
import type { Answer } from './https-client.ts';
import { ask } from './https-client.ts';
import type { ServerUnderTest } from './server-under-test.ts';

export interface ControlClient {
  /** Posts JSON; a text is sent unchanged. */
  post(path: string, body: unknown, options?: PostOptions): Promise<Answer>;
  /** Signs in with a password. The answer may require a second factor. */
  login(username: string, password: string, from?: string): Promise<Answer>;
}

export interface PostOptions {
  /** An access token. */
  token?: string | undefined;
  /** The address that the connection comes from: any of 127.0.0.0/8. */
  from?: string | undefined;
  method?: string;
}

export function controlClient({ controlPort: port, ca }: ServerUnderTest): ControlClient {
  const post: ControlClient['post'] = (path, body, { token, from, method = 'POST' } = {}) =>
    ask({
      port,
      ca,
      path,
      method,
      headers: {
        'content-type': 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...(from !== undefined && { agent: new Agent({ localAddress: from }) }),
    });
  return {
    post,
    login: (username, password, from) => post('/auth/login', { username, password }, { from }),
  };
}

/** The code of an authenticator app, `steps` of 30 seconds from now. */
export function codeOf(secret: string, steps = 0): string {
  return new TOTP({ secret }).generate({ timestamp: Date.now() + steps * 30_000 });
}
