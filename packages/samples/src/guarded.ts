// Three resources for a gateway to guard. They do not check the caller: they answer every request.
import { jsonAnswer } from './answers.ts';
import type { Route } from './routes.ts';

/**
 * `/protected` for anyone signed in, `/user` for the user role, `/admin` for the admin role: the gateway
 * decides.
 */
export const guardedRoutes: readonly Route[] = [
  messageRoute('/protected', 'Access granted!'),
  messageRoute('/user', 'Access granted to regular users!'),
  messageRoute('/admin', 'Access granted to admin users!'),
];

function messageRoute(path: string, message: string): Route {
  return { path, methods: { GET: () => jsonAnswer(200, { message }) } };
}
