// Routes for tests, with defaults for all values.
import type { GatewayRoute } from '../../src/routes/route-table.ts';

/** In this order; their ids are `1:/path`, `2:/path` and so on. */
export function routesOf(...given: (Partial<GatewayRoute> & { path: string })[]): GatewayRoute[] {
  return given.map((route, index) => ({
    id: `${index + 1}:${route.path}`,
    policyName: route.path,
    position: index,
    host: undefined,
    methods: undefined,
    upstream: 'http://127.0.0.1:3000',
    access: 'authenticated',
    accept: ['bearer', 'apiKey', 'session', 'mtls'],
    maxBodyBytes: 1,
    ...route,
  }));
}
