// Routes of pages. They are for people: errors are pages, and the OpenAPI document leaves these routes out.
// Forms are accepted only from our own pages.
import { z } from 'zod';
import type { Answer } from '../../platform/http/answer.ts';
import type { BodyOf, BodySpec } from '../../platform/http/body.ts';
import type { Call, ErrorForm, OutputOf, Route } from '../../platform/http/route.ts';
import { requireSameOrigin } from '../sessions/same-origin.ts';

export interface PageRow<
  Query extends z.ZodObject | undefined,
  Body extends BodySpec | undefined,
  Params extends z.ZodObject | undefined,
> extends Pick<Route, 'name' | 'path' | 'summary'> {
  method: 'GET' | 'POST';
  params?: Params;
  query?: Query;
  body?: Body;
  /** Whether it accepts forms of other sites. */
  isForeign?: boolean;
  handle(call: Call<OutputOf<Params>, OutputOf<Query>, BodyOf<Body>>): Promise<Answer> | Answer;
}

export type PageRoute = <
  Query extends z.ZodObject | undefined = undefined,
  Body extends BodySpec | undefined = undefined,
  Params extends z.ZodObject | undefined = undefined,
>(
  row: PageRow<Query, Body, Params>,
) => Route;

/**
 * `origin`: the origin of the control listener. A script of a page, which sends JSON, gets problem documents.
 *
 * @example
 * const pageRoute = createPageRoute({ origin, errors: pageErrors(log) }); const routes = [pageRoute({ name:
 * 'showSignIn', method: 'GET', path: '/login', summary: 'Sign in', handle })];
 */
export function createPageRoute({ origin, errors }: { origin: string; errors: ErrorForm }): PageRoute {
  return (row) => {
    const { isForeign = false, ...rest } = row;
    const { handle, body } = rest as Route;
    return {
      ...(rest as unknown as Route),
      permission: 'public',
      documented: false,
      answers: {},
      ...(!(body instanceof z.ZodType) && { errors }),
      handle(call) {
        if (call.method === 'POST' && !isForeign) requireSameOrigin(call, origin);
        return handle(call);
      },
    };
  };
}
