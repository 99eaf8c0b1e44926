// The keys with which signed answers are verified: given ones, or a fetched key set (RFC 7517 §5). It is
// fetched again if a key is missing, because servers replace their keys.
import type { JsonKey, MessageVerifier } from '@gatehouse/protocol';
import { importVerifyingKey, MessageSignatureError } from '@gatehouse/protocol';

/** The keys of one server, by their ids (`kid`). */
export interface AnswerKeys {
  /** Undefined for an unknown key. Throws MessageSignatureError for a key that must not be used. */
  find(id: string): Promise<MessageVerifier | undefined>;
}

/**
 * Keys that are given, each with its `kid`.
 * @example
 * const keys = givenKeys(keysOfSet(await readFile('keys.json', 'utf8')));
 */
export function givenKeys(keys: readonly JsonKey[]): AnswerKeys {
  const verifiers = new Map<string, Promise<MessageVerifier>>();
  return {
    async find(id) {
      const key = keys.find(({ kid }) => kid === id);
      if (!key) return undefined;
      const verifier = verifiers.get(id) ?? importVerifyingKey(key);
      verifiers.set(id, verifier);
      return verifier;
    },
  };
}

const LEAST_INTERVAL_MS = 10_000;

/** `load` fetches the key set. `now` returns milliseconds that never go back. */
export function fetchedKeys(load: () => Promise<readonly JsonKey[]>, now: () => number): AnswerKeys {
  let loading: Promise<AnswerKeys> | undefined;
  let loadedAt = Number.NEGATIVE_INFINITY;
  const reload = (): Promise<AnswerKeys> => {
    loadedAt = now();
    const fresh = load().then(givenKeys);
    loading = fresh;
    // A failure is not remembered: the next answer fetches again.
    fresh.catch(() => {
      if (loading === fresh) loading = undefined;
    });
    return fresh;
  };
  return {
    async find(id) {
      const known = await (await (loading ?? reload())).find(id);
      if (known || now() - loadedAt < LEAST_INTERVAL_MS) return known;
      return (await reload()).find(id);
    },
  };
}

/**
 * The keys in the JSON of a key set (RFC 7517 §5). Throws MessageSignatureError.
 * @example
 * const keys = keysOfSet(await response.text());
 */
export function keysOfSet(text: string): readonly JsonKey[] {
  const keys = parsed(text)?.keys;
  const isKey = (key: unknown): key is JsonKey => typeof key === 'object' && key !== null;
  if (Array.isArray(keys) && keys.every(isKey)) return keys;
  throw new MessageSignatureError('signature_key_invalid', 'The answer is not a key set (RFC 7517 §5).');
}

function parsed(text: string): { keys?: unknown } | undefined {
  try {
    return JSON.parse(text) as { keys?: unknown };
  } catch {
    return undefined;
  }
}
