// A promise of a Response, in Node and in browsers, and the error for a status of 4xx or 5xx.
import { type Failure, HttpError } from './errors.ts';
import { problemOf } from './problem.ts';

/** A promise of the Response. */
export class ResponsePromise implements Promise<Response> {
  readonly [Symbol.toStringTag] = 'PendingResponse';
  protected readonly response: Promise<Response>;

  constructor(response: Promise<Response>) {
    this.response = response;
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise
  then<A = Response, B = never>(
    done?: ((value: Response) => A | PromiseLike<A>) | null,
    failed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.response.then(done, failed);
  }

  catch<B = never>(failed?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<Response | B> {
    return this.response.catch(failed);
  }

  finally(settled?: (() => void) | null): Promise<Response> {
    return this.response.finally(settled);
  }
}

const ERROR_BODY_CHARACTERS = 65_536;

/** For a status of 4xx or 5xx, with the start of its content. */
export function statusError(response: Response, content: string, failure: Failure): HttpError {
  const body = content.slice(0, ERROR_BODY_CHARACTERS);
  const problem = problemOf(response, body);
  const status = `${response.status} ${response.statusText}`.trimEnd();
  const detail = typeof problem?.detail === 'string' ? `: ${problem.detail}` : '';
  const message = `${new URL(response.url).origin} answered ${status}${detail}`;
  return new HttpError(message, failure, { status: response.status, problem, body });
}
