// One message in plain text, and the same as a Fernet token for clients that share a secret with this server.
// A client may also send a token, which must not be older than a lifetime. Without a secret, it answers 503
// and says what to set. Refuses all bad tokens with the same answer.
import { createFernet, FernetError, type FernetKeys } from '@gatehouse/protocol';
import { errorAnswer, jsonAnswer } from './answers.ts';
import type { SamplesLog } from './log.ts';
import type { Route } from './routes.ts';

const MESSAGE = 'fluffy tail';
const TEXT = { 'Content-Type': 'text/plain; charset=UTF-8', 'Cache-Control': 'no-store' };
const MAX_TOKEN_BYTES = 64 * 1024;

export interface SecretMessageOptions {
  /** Undefined: the server shares no secret. */
  secretKeys: FernetKeys | undefined;
  tokenLifetimeSeconds: number;
  clock: () => number;
  log: SamplesLog;
}

/** `GET /secret-message`, `GET /symmetric/` and `POST /symmetric/`. */
export function secretMessageRoutes(options: SecretMessageOptions): Route[] {
  const methods = symmetricMethods(options);
  return [
    { path: '/secret-message', methods: { GET: () => new Response(MESSAGE, { headers: TEXT }) } },
    ...['/symmetric', '/symmetric/'].map((path) => ({ path, methods })),
  ];
}

function symmetricMethods(options: SecretMessageOptions): Route['methods'] {
  const { secretKeys, tokenLifetimeSeconds: ttlSeconds, clock, log } = options;
  if (secretKeys === undefined) return { GET: noSecret, POST: noSecret };
  const fernet = createFernet(secretKeys, { clock });
  return {
    GET: async () => new Response(await fernet.encrypt(MESSAGE), { headers: TEXT }),
    POST: async (context) => {
      const token = await readToken(context.req.raw);
      if (token === undefined) return errorAnswer(413, `A token has at most ${MAX_TOKEN_BYTES} bytes`);
      try {
        const plaintext = await fernet.decrypt(token.trim(), { ttlSeconds });
        log({ event: 'symmetric.decrypted', bytes: plaintext.length });
        return jsonAnswer(200, { message: 'Successfully Decrypted Data' });
      } catch (error) {
        if (!(error instanceof FernetError)) throw error;
        log({ event: 'symmetric.refused' });
        return errorAnswer(400, `The token was made with another secret, or is older than ${ttlSeconds} s`);
      }
    },
  };
}

function noSecret(): Response {
  return errorAnswer(
    503,
    'This server has no shared secret: start it with a Fernet key in the environment variable SECRET_KEY',
  );
}

/** Undefined if it is too large. Octets that are not ASCII become characters that no token has. */
async function readToken({ body }: Request): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_TOKEN_BYTES) return undefined;
  }
  return Buffer.concat(chunks).toString('latin1');
}
