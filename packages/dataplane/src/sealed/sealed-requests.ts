// Sealed requests (Oblivious HTTP, RFC 9458) at the well-known path of the gateway (RFC 9540): no one between
// a client and this process can read the request or the answer.
import type { Claims, Clock, Sealing, SectionCopies } from '@gatehouse/access';
import {
  createShares,
  GatehouseError,
  parseRequestTarget,
  runningSettings,
  servedHosts,
  tokenTrust,
} from '@gatehouse/access';
import type { ObliviousKey } from '@gatehouse/protocol';
import {
  CHUNKED_REQUEST_MEDIA_TYPE,
  importObliviousKey,
  KEYS_MEDIA_TYPE,
  REQUEST_MEDIA_TYPE,
  SEALED_REQUESTS_PATH,
} from '@gatehouse/protocol';
import type { AdmissionState, LocalAnswer } from '../exchange/admission.ts';
import type { ClientRequest, ClientStream } from '../exchange/client-stream.ts';
import { fieldValue } from '../exchange/field-value.ts';
import { createChunkedIntake } from './chunked-intake.ts';
import { requireFresh } from './freshness.ts';
import { HeldOctets, tooLarge } from './held-octets.ts';
import type { Intake, ServeInner } from './intake.ts';
import { createOctetBudget } from './octet-budget.ts';
import { createWholeIntake } from './whole-intake.ts';

export interface SealedRequests {
  /** Whether a request is a sealed one. */
  takes(request: ClientRequest): boolean;
  /** Takes the body. Throws if the request is refused before that. */
  createIntake(stream: ClientStream, serve: ServeInner): Intake;
  /** The answer to a request for our keys; undefined for other requests. */
  answer(state: AdmissionState): LocalAnswer | undefined;
}

export interface SealedRequestsDeps {
  copies: Pick<SectionCopies, 'sections'>;
  claims: Claims;
  clock: Clock;
}

/** Opening a request costs as much as many ordinary requests, so a process limits how many wait. */
const MAX_OPENING = 512;
/** Memory for messages that a process holds whole. */
const HELD_BYTES = 256 * 1024 * 1024;
/** A message is padded by less than its own length, or by 64 KiB. */
const PADDING_BYTES = 65_536;
const KEYS_MAX_AGE_SECONDS = 300;

export function createSealedRequests({ copies, claims, clock }: SealedRequestsDeps): SealedRequests {
  const places = createShares(MAX_OPENING);
  const budget = createOctetBudget(HELD_BYTES);
  const inForce = createSealingInForce(copies);
  const hosts = createServedHosts(copies);

  function limitsWith({ maxBytes }: Sealing) {
    const { maxHeaderBytes: maxHeadBytes, maxHeaders: maxFields } = runningSettings(copies.sections);
    return { maxHeadBytes, maxFields, maxPaddingBytes: Math.max(PADDING_BYTES, maxBytes) };
  }

  async function inTurnOf<T>(party: string, work: () => T | Promise<T>): Promise<T> {
    if (!places.take(party)) {
      throw new GatehouseError('unavailable', 'Too many sealed requests are waiting to be opened.');
    }
    try {
      return await work();
    } finally {
      places.release(party);
    }
  }

  function requireType(stream: ClientStream): typeof REQUEST_MEDIA_TYPE | typeof CHUNKED_REQUEST_MEDIA_TYPE {
    const type = fieldValue(stream.request.fields, 'content-type')?.toLowerCase();
    if (type === REQUEST_MEDIA_TYPE || type === CHUNKED_REQUEST_MEDIA_TYPE) return type;
    throw new GatehouseError(
      'unsupported_media_type',
      `Send ${REQUEST_MEDIA_TYPE} or ${CHUNKED_REQUEST_MEDIA_TYPE}.`,
    );
  }

  return {
    takes: (request) => request.method === 'POST' && isSealedTarget(request) && inForce() !== undefined,
    createIntake(stream, serve) {
      const { sealing, keys } = inForce() as SealingInForce;
      const { maxBytes } = sealing;
      const { address } = stream.client;
      const type = requireType(stream);
      const deps = {
        keys,
        limits: () => limitsWith(sealing),
        isServed: (host: string) => hosts().has(host),
        requireFresh: (use: Parameters<typeof requireFresh>[2]) =>
          requireFresh({ claims, clock }, sealing, use),
        inTurn: <T>(work: () => T | Promise<T>) => inTurnOf(address, work),
        hold: () => new HeldOctets(budget, address, maxBytes),
      };
      if (type === CHUNKED_REQUEST_MEDIA_TYPE) return createChunkedIntake(stream, deps, serve);
      const { contentLength = 0 } = stream.request;
      if (contentLength > maxBytes) throw tooLarge(maxBytes);
      return createWholeIntake(stream, deps, serve);
    },
    answer(state) {
      const { request, host, path, query } = state;
      const found = path === SEALED_REQUESTS_PATH && query === '' ? inForce() : undefined;
      if (!found) return undefined;
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        const options = { allow: ['GET', 'HEAD', 'POST'] };
        throw new GatehouseError('method_not_allowed', 'This path takes only GET, HEAD and POST.', options);
      }
      const { offer, signatures } = found.sealing;
      const signed = Object.hasOwn(signatures, host) ? signatures[host] : undefined;
      if (!signed) throw new GatehouseError('host_invalid', 'The keys are not signed for this host.');
      state.decision = 'allowed';
      const cache = `max-age=${KEYS_MAX_AGE_SECONDS}`;
      const fields = ['Content-Type', KEYS_MEDIA_TYPE, 'Cache-Control', cache, ...signed];
      return { status: 200, fields, body: offer };
    },
  };
}

/** Accepts every spelling of the path, also in absolute form (RFC 9112 §3.2.2) if that agrees with Host. */
function isSealedTarget({ target, host }: Pick<ClientRequest, 'target' | 'host'>): boolean {
  if (target === SEALED_REQUESTS_PATH) return true;
  if (!OTHER_SPELLING.test(target)) return false;
  try {
    const { path, query, authority } = parseRequestTarget(target);
    return path === SEALED_REQUESTS_PATH && query === '' && (authority?.toLowerCase() ?? host) === host;
  } catch {
    return false; // refused at the admission
  }
}

const OTHER_SPELLING = /^https:|^\/[^?]*%/i;

interface SealingInForce {
  sealing: Sealing;
  keys: readonly ObliviousKey[];
}

/** The keys are imported once for each change of the section. */
function createSealingInForce({
  sections,
}: Pick<SectionCopies, 'sections'>): () => SealingInForce | undefined {
  let inForce: SealingInForce | undefined;
  return () => {
    const sealing = sections.sealing.get('default');
    if (sealing === inForce?.sealing) return inForce;
    inForce = sealing && {
      sealing,
      // With node:crypto, importing is synchronous.
      keys: sealing.keys.map((key) => importObliviousKey(key) as ObliviousKey),
    };
    return inForce;
  };
}

/** The hosts of the gateway. They are computed again only when the routes or its URL changed. */
function createServedHosts({ sections }: Pick<SectionCopies, 'sections'>): () => ReadonlySet<string> {
  let from: { routes: unknown; trust: unknown } | undefined;
  let hosts: ReadonlySet<string> = new Set();
  return () => {
    const { routes, trust } = sections;
    if (from?.routes === routes && from.trust === trust) return hosts;
    from = { routes, trust };
    hosts = servedHosts(routes.values(), tokenTrust(sections).audience);
    return hosts;
  };
}
