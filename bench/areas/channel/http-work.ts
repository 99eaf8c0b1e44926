// The three requests of the encrypted endpoint, prepared before the measurement: each key is exchanged once,
// and each message is a different token.
import {
  createFernet,
  exportX25519PublicKey,
  generateX25519KeyPair,
  importX25519PublicKey,
} from '@gatehouse/protocol';
import type { HttpAnswer, HttpConnection, Message } from '../../harness/http-connection.ts';

/** Messages that are ready to be sent, and their expected answers. */
export interface Work {
  messages: Message[];
  /** Throws for any other answer. */
  check(answer: HttpAnswer): void;
}

/** Prepares `count` requests. Sends the requests that they need first over the connections. */
export type Prepare = (connections: readonly HttpConnection[], count: number) => Promise<Work>;

const TARGET = '/encrypted/';
const MESSAGE_BYTES = 200;
const FIELDS = 'Content-Type: application/json\r\n';

export const offers: Prepare = async (_, count) => ({
  messages: Array.from({ length: count }, () => ({ method: 'GET', target: TARGET })),
  check: (answer) => void readOffer(answer),
});

export const exchanges: Prepare = async (connections, count) => {
  const pem = exportX25519PublicKey((await generateX25519KeyPair()).publicKey);
  const ids = await share(connections, count, async (connection) => (await offerOf(connection)).clientId);
  return {
    messages: ids.map((clientId) => post({ pub_key: pem, uid: 1, client_id: clientId })),
    check: requireText('{"message": "Shared secret successfully calculated"}'),
  };
};

export const messages: Prepare = async (connections, count) => {
  const sessions = await Promise.all(connections.map(agree));
  const text = 'x'.repeat(MESSAGE_BYTES);
  const prepared: Message[] = [];
  for (let index = 0; index < count; index += 1) {
    const session = sessions[index % sessions.length];
    if (!session) throw new TypeError('there is no session');
    const token = await session.fernet.encrypt(text);
    prepared.push(post({ cipher_text: token, client_id: session.clientId }));
  }
  return { messages: prepared, check: requireText('{"message": "Successfully Decrypted Data"}') };
};

async function agree(connection: HttpConnection) {
  const { clientId, pub } = await offerOf(connection);
  const pair = await generateX25519KeyPair();
  const fernet = createFernet(await pair.sharedSecret(importX25519PublicKey(pub)));
  const answer = await connection.exchange(
    post({ pub_key: exportX25519PublicKey(pair.publicKey), uid: 1, client_id: clientId }),
  );
  if (answer.status !== 200) throw new Error(`a key is answered ${answer.status}`);
  return { clientId, fernet };
}

async function offerOf(connection: HttpConnection): Promise<{ clientId: string; pub: string }> {
  return readOffer(await connection.exchange({ method: 'GET', target: TARGET }));
}

function readOffer({ status, body }: HttpAnswer): { clientId: string; pub: string } {
  const { client_id: clientId, pub } = JSON.parse(body.toString('utf8'));
  if (status === 200 && typeof clientId === 'string' && typeof pub === 'string') return { clientId, pub };
  throw new Error(`it answered ${status}`);
}

function requireText(expected: string): Work['check'] {
  return ({ status, body }) => {
    if (status !== 200 || body.toString('utf8') !== expected) throw new Error(`it answered ${status}`);
  };
}

function post(value: object): Message {
  return { method: 'POST', target: TARGET, fields: FIELDS, body: JSON.stringify(value) };
}

/** One request after another on each connection. */
async function share<T>(
  connections: readonly HttpConnection[],
  count: number,
  work: (connection: HttpConnection) => Promise<T>,
): Promise<T[]> {
  const done: T[] = [];
  let begun = 0;
  await Promise.all(
    connections.map(async (connection) => {
      while (begun < count) {
        begun += 1;
        done.push(await work(connection));
      }
    }),
  );
  return done;
}
