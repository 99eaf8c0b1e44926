// Routes of pages. They are for people: their errors are pages, they stay out of the OpenAPI document, and their
// forms are accepted only from our own pages.
import type { z } from 'zod';
import type { Answer } from '../../platform/http/answer.ts';
import type { BodyOf, FormBody } from '../../platform/http/body.ts';
import type { Call, ErrorForm, OutputOf, Route } from '../../platform/http/route.ts';
import { requireSameOrigin } from '../sessions/same-origin.ts';

export interface PageRow<Query extends z.ZodObject | undefined, Body extends FormBody | undefined>
  extends Pick<Route, 'name' | 'path' | 'summary'> {
  method: 'GET' | 'POST';
  query?: Query;
  body?: Body;
  handle(call: Call<undefined, OutputOf<Query>, BodyOf<Body>>): Promise<Answer> | Answer;
}

export type PageRoute = <
  Query extends z.ZodObject | undefined = undefined,
  Body extends FormBody | undefined = undefined,
>(
  row: PageRow<Query, Body>,
) => Route;

/**
 * `origin` is that of the control listener.
 *
 * @example
 * const pageRoute = createPageRoute({ origin, errors: pageErrors(log) });
 * const routes = [pageRoute({ name: 'showSignIn', method: 'GET', path: '/login', summary: 'Sign in', handle })];
 */
export function createPageRoute({ origin, errors }: { origin: string; errors: ErrorForm }): PageRoute {
  return (row) => {
    const { handle } = row as Route;
    return {
      ...(row as unknown as Route),
      permission: 'public',
      documented: false,
      answers: {},
      errors,
      handle(call) {
        if (call.method === 'POST') requireSameOrigin(call, origin);
        return handle(call);
      },
    };
  };
}
