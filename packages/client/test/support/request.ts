// A request in the form that middleware gets.
import type { HttpRequest } from '../../src/http/middleware.ts';

export function requestTo(address: string): HttpRequest {
  const url = new URL(address);
  return {
    method: 'GET',
    url,
    first: url,
    headers: new Headers(),
    content: null,
    replayable: true,
    signal: new AbortController().signal,
    redirect: 'follow',
    secrets: [],
    attempt: 1,
    startedAt: 0,
  };
}
