// The routes of monitoring, on the control listener and the socket: /healthz and /readyz say only the state,
// so anyone may read them. /metrics shows routes, load and failures, so it needs a credential unless the
// operator opens it.
import { z } from 'zod';
import { content, json, withContent } from '../platform/http/answer.ts';
import type { Route } from '../platform/http/route.ts';
import { route } from '../platform/http/route.ts';
import type { Metric } from '../platform/metric.ts';
import type { Exposition } from './exposition.ts';
import type { Readiness } from './readiness.ts';

export interface MonitoringRoutesDeps {
  readiness: Pick<Readiness, 'state'>;
  metrics: readonly Metric[];
  /** Who may read the metrics. */
  access: 'authenticated' | 'public';
}

/** The media type of Prometheus. */
const TEXT_FORMAT = 'text/plain; version=0.0.4; charset=utf-8';

const unready = z.object({ status: z.enum(['starting', 'draining', 'store_unwritable']) });

export function monitoringRoutes({ readiness, metrics, access }: MonitoringRoutesDeps): Route[] {
  let exposition: Promise<Exposition> | undefined;

  function exposed(): Promise<Exposition> {
    exposition ??= import('./exposition.ts').then(({ createExposition }) => createExposition(metrics));
    return exposition;
  }

  return [
    route({
      name: 'readHealth',
      method: 'GET',
      path: '/healthz',
      permission: 'public',
      summary: 'Ask whether the server runs',
      answers: { 200: z.object({ status: z.literal('ok') }) },
      handle: () => json({ status: 'ok' as const }),
    }),
    route({
      name: 'readReadiness',
      method: 'GET',
      path: '/readyz',
      permission: 'public',
      summary: 'Ask whether the server can take requests',
      description: '503 before the gateway serves, while it drains, and while the store cannot write.',
      answers: { 200: z.object({ status: z.literal('ready') }), 503: unready },
      async handle() {
        const status = await readiness.state();
        return status === 'ready' ? json({ status }) : json({ status }, 503);
      },
    }),
    route({
      name: 'readMetrics',
      method: 'GET',
      path: '/metrics',
      permission: access === 'public' ? 'public' : 'server:ReadMetrics',
      summary: 'Read the metrics (text format of Prometheus)',
      description: 'Needs the role `metrics` or `admin`, unless `control.metrics` is `public`.',
      answers: { 200: content(TEXT_FORMAT) },
      async handle() {
        const { text } = await exposed();
        return withContent(TEXT_FORMAT, await text(), { 'cache-control': 'no-store' });
      },
    }),
  ];
}
