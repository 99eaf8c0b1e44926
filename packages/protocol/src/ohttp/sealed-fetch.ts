// Sealed requests from a web page or any other program with `fetch` and WebCrypto. The page needs the pin of
// the gateway's signer. It must not come through an untrusted proxy, which could change it.
import { AEAD_AES_256_GCM as AES_256_GCM, KEM_MLKEM768_X25519 } from 'hpke';
import type { BinaryFields, BinaryResponseHead } from '../binary-http/message.ts';
import { padMessage } from '../binary-http/padding.ts';
import { readBinaryResponse } from '../binary-http/reader.ts';
import { writeBinaryRequest } from '../binary-http/writer.ts';
import { concatBytes } from '../bytes.ts';
import { createWebHpke } from '../crypto/library-hpke.ts';
import type { HpkeBackEnd } from '../hpke/suite.ts';
import { AEAD_AES_256_GCM, KEM_X_WING } from '../hpke/suite.ts';
import { invalidConfiguration, invalidSealed } from './errors.ts';
import { usableConfigurations } from './key-configuration.ts';
import { REQUEST_MEDIA_TYPE, RESPONSE_MEDIA_TYPE } from './media-types.ts';
import { readSignedConfiguration, SEALED_REQUESTS_PATH } from './signed-configuration.ts';
import { sealWith } from './whole-messages.ts';

/** How requests are sealed. */
export interface SealedFetchOptions {
  /** `sha256/BASE64` of the accepted signers of the gateway's keys. */
  pins: readonly string[];
  /**
   * The newest epoch of keys of each gateway, by its origin. Give a store that outlives the page, so that
   * older keys are still refused later. Default: a Map.
   */
  seen?: { get(origin: string): number | undefined; set(origin: string, epoch: number): unknown };
  /** The URL for sealed requests. Default: the origin of each request. */
  gateway?: string | URL;
  /** Default: that of the platform. */
  fetch?: typeof fetch;
  /** Milliseconds since the epoch. Default: the clock of the machine. */
  now?: () => number;
}

type Target = ReturnType<typeof usableConfigurations>[number] & { expiresAt: number };

const LIMITS = { maxHeadBytes: 65_536, maxFields: 1000, maxPaddingBytes: 2 ** 30 };
/** Browsers set no other fields that belong to a connection. */
const LEFT_OUT = /^(?:accept-encoding|connection|date|host)$/;
const PLAIN = { credentials: 'omit', redirect: 'error' } as const;
const NO_CONTENT = new Set([204, 205, 304]);

/**
 * A function like `fetch` whose requests only the gateway can read. Rejects with `ObliviousError` if no
 * pinned key has signed the gateway's keys, if they have expired or are older than before, or if an answer
 * does not come from the gateway.
 * @example
 * const sealedFetch = createSealedFetch({ pins: ['sha256/…'] });
 * const notes = await (await sealedFetch('https://gw.example/notes')).json();
 */
export function createSealedFetch(options: SealedFetchOptions): typeof fetch {
  const { fetch: send = fetch, now = Date.now, seen = new Map<string, number>() } = options;
  const known = new Map<string, Target>();
  let hpke: Promise<HpkeBackEnd> | undefined;
  let aheadMs = 0;

  async function targetOf(gateway: URL): Promise<Target> {
    const held = known.get(gateway.origin);
    if (held && held.expiresAt > now()) return held;
    const url = new URL(SEALED_REQUESTS_PATH, gateway);
    const answer = await send(url, { ...PLAIN, cache: 'no-store' });
    if (answer.status !== 200) throw invalidConfiguration(`The gateway offers no keys: ${answer.status}.`);
    const octets = new Uint8Array(await answer.arrayBuffer());
    const field = (name: string) => answer.headers.get(name);
    const signed = await readSignedConfiguration({ field, octets, authority: url.host }, now());
    if (!options.pins.includes(signed.pin))
      throw invalidConfiguration(`The keys are signed by ${signed.pin}.`);
    if (signed.epoch < (seen.get(gateway.origin) ?? 0)) throw invalidConfiguration('The keys are old.');
    seen.set(gateway.origin, signed.epoch);
    const best = usableConfigurations(signed.configurations).find(isOurs);
    if (!best) throw invalidConfiguration('No key is of a known kind.');
    const target = { ...best, expiresAt: signed.expiresAt * 1000 };
    known.set(gateway.origin, target);
    return target;
  }

  async function attempt(request: Request, content: Uint8Array): Promise<Outcome> {
    const url = new URL(request.url);
    const gateway = new URL(options.gateway ?? url.origin);
    const target = await targetOf(gateway);
    hpke ??= backEnd();
    const fields: BinaryFields = [];
    request.headers.forEach((value, name) => {
      if (!LEFT_OUT.test(name)) fields.push(name, value);
    });
    fields.push('date', new Date(now() + aheadMs).toUTCString());
    const { method } = request;
    const head = { method, scheme: 'https', authority: url.host, path: url.pathname + url.search, fields };
    const message = padMessage(writeBinaryRequest(head, content));
    const sealed = await sealWith({ hpke: await hpke }, target, message);
    const answer = await send(new URL(SEALED_REQUESTS_PATH, gateway), {
      method: 'POST',
      headers: { 'content-type': REQUEST_MEDIA_TYPE },
      body: sealed.message,
      ...PLAIN,
      signal: request.signal,
    });
    if (answer.status !== 200 || answer.headers.get('content-type') !== RESPONSE_MEDIA_TYPE) {
      const isUnknown = answer.status === 400 && (await problemOf(answer)).endsWith('#ohttp-key');
      if (!isUnknown) throw invalidSealed();
      known.delete(gateway.origin);
      return { problem: true };
    }
    const response = responseOf(await sealed.openResponse(new Uint8Array(await answer.arrayBuffer())));
    const isDate = response.status === 400 && (await problemOf(response.clone())).endsWith('#date');
    if (isDate) aheadMs = Date.parse(response.headers.get('date') ?? '') - now();
    return { response, problem: isDate };
  }

  return async (input, init) => {
    const request = new Request(input, init);
    const content = new Uint8Array(await request.arrayBuffer());
    const first = await attempt(request, content);
    const { response } = first.problem ? await attempt(request, content) : first;
    if (!response) throw invalidConfiguration('The gateway has another key.');
    return response;
  };
}

/** A page has no other algorithms. */
const isOurs = ({ suite }: Pick<Target, 'suite'>) =>
  suite.kem === KEM_X_WING && suite.aead === AEAD_AES_256_GCM;

interface Outcome {
  response?: Response;
  /** The same request may work with a new key, or with the gateway's time. */
  problem: boolean;
}

/** Only the algorithms that are needed, because pages load them: X-Wing and AES-256-GCM. */
async function backEnd(): Promise<HpkeBackEnd> {
  const { supports } = SubtleCrypto as unknown as { supports?(operation: string, name: string): boolean };
  const has = (operation: string, name: string) => supports?.call(SubtleCrypto, operation, name);
  // The library can also build X-Wing from its parts.
  const isNative =
    has('encapsulateBits', 'MLKEM768-X25519') ||
    (has('encapsulateBits', 'ML-KEM-768') && has('digest', 'SHA3-256'));
  const kem = isNative ? KEM_MLKEM768_X25519 : (await import('./x-wing-fallback.ts')).KEM_MLKEM768_X25519;
  return createWebHpke({ kems: { [KEM_X_WING]: kem }, aeads: { [AEAD_AES_256_GCM]: AES_256_GCM } });
}

function responseOf(octets: Uint8Array): Response {
  let head: BinaryResponseHead | undefined;
  const parts: Uint8Array[] = [];
  const reader = readBinaryResponse(LIMITS, {
    head: (read) => {
      head = read;
    },
    content: (part) => parts.push(part),
    complete() {},
  });
  reader.read(octets);
  reader.end();
  const { status, fields } = head as unknown as BinaryResponseHead;
  const headers = new Headers();
  for (let index = 0; index < fields.length; index += 2) {
    headers.append(fields[index] as string, fields[index + 1] as string);
  }
  return new Response(NO_CONTENT.has(status) ? null : concatBytes(...parts), { status, headers });
}

async function problemOf(response: Response): Promise<string> {
  if (!response.headers.get('content-type')?.startsWith('application/problem+json')) return '';
  const problem = (await response.json().catch(() => ({}))) as { type?: unknown };
  return String(problem.type ?? '');
}
