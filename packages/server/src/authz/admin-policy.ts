// The policy of the admin API: the built-in role `admin` may do everything, and the role `metrics` may read
// the metrics, so that the key of a monitoring system can do nothing else. Other roles may do nothing.
import type { Policy } from '@gatehouse/access';

const METRICS = 'server:ReadMetrics';

/** The policy of the admin API. */
export const adminPolicy: Policy = {
  decide({ principal, action }) {
    if (principal.roles.includes('admin')) return { allowed: true, reason: 'role admin' };
    if (action === METRICS && principal.roles.includes('metrics'))
      return { allowed: true, reason: 'role metrics' };
    return { allowed: false, reason: `no role allows ${action}` };
  },
};
