// The CA's metrics: the expiry of its certificates, and the age of its revocation lists.
import type { Metric, Sample } from '../platform/metric.ts';
import type { Authorities } from './hierarchy/authorities.ts';
import type { Authority } from './hierarchy/hierarchy.ts';
import type { Listening } from './listening/listening.ts';
import type { RevocationLists } from './revocation/revocation-lists.ts';
import type { RevocationList } from './store/store.ts';

export interface CaMetricsDeps {
  authorities: Pick<Authorities, 'current'>;
  lists: Pick<RevocationLists, 'list'>;
  listening: Pick<Listening, 'certificate'>;
}

export function caMetrics({ authorities, lists, listening }: CaMetricsDeps): Metric[] {
  /** Only the authorities in force. Retired ones may expire. */
  function inForce(): Authority[] {
    const { roots, intermediates } = authorities.current();
    return [roots[0], intermediates[0]];
  }

  function listSamples(time: (list: RevocationList) => number): Sample[] {
    return inForce().flatMap(({ id, role }) => {
      const list = lists.list(id);
      return list ? [{ labels: { authority: role }, value: time(list) / 1000 }] : [];
    });
  }

  return [
    {
      name: 'gatehouse_certificate_not_after_seconds',
      help: 'When the certificates of our listeners and authorities expire, as a Unix time.',
      kind: 'gauge',
      read: () => [
        { labels: { certificate: 'listeners' }, value: listening.certificate().notAfter.getTime() / 1000 },
        ...inForce().map(({ role, certificate }) => ({
          labels: { certificate: role },
          value: certificate.notAfter.getTime() / 1000,
        })),
      ],
    },
    {
      name: 'gatehouse_crl_this_update_seconds',
      help: 'When the revocation list of an authority was made, as a Unix time.',
      kind: 'gauge',
      read: () => listSamples(({ thisUpdate }) => thisUpdate),
    },
    {
      name: 'gatehouse_crl_next_update_seconds',
      help: 'When the revocation list of an authority expires, as a Unix time.',
      kind: 'gauge',
      read: () => listSamples(({ nextUpdate }) => nextUpdate),
    },
  ];
}
