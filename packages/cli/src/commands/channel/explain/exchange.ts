// A real exchange of keys, and a message after it, with all numbers that this end can know: with an endpoint
// over HTTP, or with a second end in this program.
import { randomBytes } from 'node:crypto';
import { askChannel, type ChannelAnswer, type ChannelTarget } from '@gatehouse/client/channel';
import {
  createFernet,
  exportX25519PublicKey,
  importX25519KeyPair,
  importX25519PublicKey,
  X25519Error,
  type X25519KeyPair,
} from '@gatehouse/protocol';
import { CliError, exitStatus } from '../../../exit-status.ts';
import { type TokenPart, tokenParts } from './token-parts.ts';

/** Keys and secrets in hex. */
export interface ExchangeSide {
  /** Null: only the other end has it. */
  private: string | null;
  public: string;
  shared: string | null;
}

/** One request and its answer. */
export interface WireStep {
  request: { method: string; body: Readonly<Record<string, unknown>> | null };
  answer: { status: number; body: string };
}

export interface RealExchange {
  /** Null: both ends were in this program. */
  url: string | null;
  clientId: string | null;
  client: ExchangeSide;
  server: ExchangeSide;
  fernet: { key: string; signing: string; encryption: string };
  message: string;
  token: { text: string; parts: TokenPart[] };
  /** The messages on the network, in order. */
  wire: WireStep[];
  /** Who signed the key of the server. Null: the key is not signed. */
  signedBy: string | null;
}

interface OwnKey {
  pair: X25519KeyPair;
  private: string;
}

/** Both ends in this program. */
export async function exchangeHere(message: string): Promise<RealExchange> {
  const [client, server] = [await generate(), await generate()];
  const shared = await client.pair.sharedSecret(server.pair.publicKey);
  const atServer = await server.pair.sharedSecret(client.pair.publicKey);
  return {
    url: null,
    clientId: null,
    client: { private: client.private, public: hex(client.pair.publicKey), shared: hex(shared) },
    server: { private: server.private, public: hex(server.pair.publicKey), shared: hex(atServer) },
    ...(await sealed(shared, message)),
    message,
    wire: [],
    signedBy: null,
  };
}

/** With the endpoint. Throws `CliError` if the endpoint does not follow the protocol. */
export async function exchangeWith(target: ChannelTarget, message: string): Promise<RealExchange> {
  const wire: WireStep[] = [];
  const ask = async (body?: Record<string, unknown>) => {
    const answer = await askChannel(target, body);
    const request = { method: body ? 'POST' : 'GET', body: body ?? null };
    wire.push({ request, answer: { status: answer.status, body: answer.text } });
    return requireOk(answer, target);
  };
  const { client_id: clientId, pub, fingerprint } = await ask();
  const serverKey = readKey(pub, target);
  const client = await generate();
  const shared = await agree(client, serverKey, target);
  await ask({ pub_key: exportX25519PublicKey(client.pair.publicKey), uid: 1, client_id: clientId });
  const { fernet, token } = await sealed(shared, message);
  await ask({ cipher_text: token.text, client_id: clientId });
  return {
    url: String(target.url),
    clientId: String(clientId),
    client: { private: client.private, public: hex(client.pair.publicKey), shared: hex(shared) },
    server: { private: null, public: hex(serverKey), shared: null },
    fernet,
    token,
    message,
    wire,
    signedBy: typeof fingerprint === 'string' ? fingerprint : null,
  };
}

async function generate(): Promise<OwnKey> {
  const privateKey = randomBytes(32);
  return { pair: await importX25519KeyPair(privateKey), private: hex(privateKey) };
}

async function sealed(shared: Uint8Array, message: string): Promise<Pick<RealExchange, 'fernet' | 'token'>> {
  const text = await createFernet(shared).encrypt(message);
  return {
    fernet: {
      key: `${Buffer.from(shared).toString('base64url')}=`,
      signing: hex(shared.subarray(0, 16)),
      encryption: hex(shared.subarray(16)),
    },
    token: { text, parts: tokenParts(text) },
  };
}

function readKey(pub: unknown, { url }: ChannelTarget): Uint8Array {
  try {
    return importX25519PublicKey(String(pub));
  } catch (cause) {
    if (!(cause instanceof X25519Error)) throw cause;
    throw strange(`${url} offers no X25519 key: is that an encrypted endpoint?`, cause);
  }
}

async function agree({ pair }: OwnKey, key: Uint8Array, { url }: ChannelTarget): Promise<Uint8Array> {
  try {
    return await pair.sharedSecret(key);
  } catch (cause) {
    if (!(cause instanceof X25519Error)) throw cause;
    throw strange(`${url} offers a point of small order, with which every secret is zero`, cause);
  }
}

function requireOk({ status, value }: ChannelAnswer, { url }: ChannelTarget): ChannelAnswer['value'] {
  if (status === 200) return value;
  const reason = value.error ?? value.detail ?? value.title;
  throw strange(`${url} answered with status ${status}${typeof reason === 'string' ? `: ${reason}` : ''}`);
}

function strange(message: string, cause?: unknown): CliError {
  return new CliError(exitStatus.failed, message, { cause });
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
