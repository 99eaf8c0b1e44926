// Answers to http-01 challenges (RFC 8555 §8.3), by their tokens. The listener for plain HTTP serves them.
import type { Answerer } from './challenge.ts';

export interface HttpChallenges {
  answer: Answerer;
  /** The key authorization for this token; undefined if we have no such challenge. */
  find(token: string): string | undefined;
}

export function createHttpChallenges(): HttpChallenges {
  const known = new Map<string, string>();
  return {
    find: (token) => known.get(token),
    async answer({ token, keyAuthorization }) {
      known.set(token, keyAuthorization);
      return async () => void known.delete(token);
    },
  };
}
