// A table of routes: a path, and its handlers by method. HEAD is GET without the body (RFC 9110 §9.3.2). A
// method that is not in the table is answered with 405 and Allow (§15.5.6).
import type { Context, Hono } from 'hono';
import { errorAnswer } from './answers.ts';

export type Handler = (context: Context) => Response | Promise<Response>;

export interface Route {
  path: string;
  methods: Readonly<Partial<Record<'GET' | 'POST' | 'PUT' | 'DELETE', Handler>>>;
}

/** Adds the routes in their order. The first route with a matching path answers. */
export function mountRoutes(app: Hono, routes: readonly Route[]): void {
  for (const { path, methods } of routes) {
    const handlers = new Map<string, Handler>(Object.entries(methods));
    const allow = [...handlers.keys(), ...(handlers.has('GET') ? ['HEAD'] : [])].join(', ');
    app.all(path, (context) => {
      const { method } = context.req;
      const handle = handlers.get(method === 'HEAD' ? 'GET' : method);
      return handle ? handle(context) : errorAnswer(405, 'Method not allowed', { Allow: allow });
    });
  }
}
