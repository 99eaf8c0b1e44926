// Gatehouse as an authorization server: the token endpoint, and a client with a secret.
import { VERSION } from '@gatehouse/server';
import type { Build } from '../builds.ts';
import type { Contender, OwnSite } from '../contender.ts';
import { startGatehouse } from '../gatehouse-start.ts';
import type { Message, TcpOrigin } from '../http-connection.ts';
import { createHttpConnection } from '../http-connection.ts';
import type { RunningProgram } from '../running-program.ts';

export interface StartedTokenServer {
  program: RunningProgram;
  origin: TcpOrigin;
  /** A request for a token. */
  message: Message;
  /** The same with a wrong secret. */
  forged: Message;
  /** The path of the keys that verify tokens. */
  keySet: string;
}

export const gatehouseTokens = ({ name, checkout }: Build): Contender<OwnSite, StartedTokenServer> => ({
  name,
  install: '',
  version: () => VERSION,
  async start(site) {
    const { program, root, control, socket } = await startGatehouse({ ...site, checkout }, {});
    const client = await createClient(socket);
    const messageWith = (secret: string): Message => ({
      method: 'POST',
      target: '/oauth/token',
      fields: `Content-Type: application/x-www-form-urlencoded\r\nAuthorization: Basic ${Buffer.from(`${client.client_id}:${secret}`).toString('base64')}\r\n`,
      body: 'grant_type=client_credentials&scope=notes%3Aread',
    });
    return {
      program,
      origin: { host: 'localhost', port: Number(new URL(control).port), root },
      message: messageWith(client.client_secret),
      forged: messageWith('wrong'),
      keySet: '/.well-known/jwks.json',
    };
  },
});

async function createClient(socketPath: string): Promise<{ client_id: string; client_secret: string }> {
  const connection = createHttpConnection({ socketPath });
  const answer = await connection.exchange({
    method: 'POST',
    target: '/admin/clients',
    fields: 'Content-Type: application/json\r\n',
    body: JSON.stringify({ name: 'bench', grants: ['client_credentials'], scopes: ['notes:read'] }),
  });
  connection.close();
  if (answer.status === 201) return JSON.parse(answer.body.toString('utf8'));
  throw new Error(`Gatehouse made no OAuth client: ${answer.status}`);
}
