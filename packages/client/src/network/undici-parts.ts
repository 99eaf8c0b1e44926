// The parts of undici that one request needs. Its index also loads fetch, WebSocket, caches and mocks, which
// is too slow for a short command. The version is pinned, and the index uses the same modules.
import type {
  Dispatcher,
  Agent as UndiciAgent,
  buildConnector as undiciConnector,
  errors as undiciErrors,
} from 'undici';
// @ts-expect-error: undici has types for its index only
import apiRequest from 'undici/lib/api/api-request.js';
// @ts-expect-error
import connector from 'undici/lib/core/connect.js';
// @ts-expect-error
import coreErrors from 'undici/lib/core/errors.js';
// @ts-expect-error
import agent from 'undici/lib/dispatcher/agent.js';

export const Agent = agent as typeof UndiciAgent;
export const buildConnector = connector as typeof undiciConnector;
export const errors = coreErrors as typeof undiciErrors;

/** The same as `dispatcher.request(options)`, a method that only the index adds. */
export function dispatchRequest(
  dispatcher: Dispatcher,
  options: Dispatcher.RequestOptions,
): Promise<Dispatcher.ResponseData> {
  const request: (this: Dispatcher, options: Dispatcher.RequestOptions) => Promise<Dispatcher.ResponseData> =
    apiRequest;
  return request.call(dispatcher, options);
}
