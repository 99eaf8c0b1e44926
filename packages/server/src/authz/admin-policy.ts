// The policy of the admin API: the built-in role `admin` may do everything, and the role `metrics` may read
// the metrics, so that the key of a monitoring system can do nothing else. Other roles may do nothing, but
// every person may manage their own account.
import type { AccessRequest, Decision, Policy } from '@gatehouse/access';

const METRICS = 'server:ReadMetrics';
/**
 * How permissions begin that every person has, because they concern only their own account.
 * @example
 * route({ name: 'signOut', permission: 'account:SignOut', … });
 */
export const OWN_ACCOUNT = 'account:';

/** The policy of the admin API. */
export const adminPolicy: Policy = {
  decide(request) {
    return { ...rightsOf(request), policies: [], alarms: [] };
  },
};

function rightsOf({ principal, action }: AccessRequest): Pick<Decision, 'allowed' | 'reason'> {
  if (action.startsWith(OWN_ACCOUNT) && principal.kind !== 'user')
    return { allowed: false, reason: 'only people have an account' };
  if (principal.roles.includes('admin')) return { allowed: true, reason: 'role admin' };
  if (action === METRICS && principal.roles.includes('metrics'))
    return { allowed: true, reason: 'role metrics' };
  if (action.startsWith(OWN_ACCOUNT)) return { allowed: true, reason: 'own account' };
  return { allowed: false, reason: `no role allows ${action}` };
}
