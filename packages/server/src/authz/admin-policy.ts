// The policy of the admin API: the built-in role `admin` may do everything. Other roles may do nothing.
import type { Policy } from '@gatehouse/access';

/** The policy of the admin API: the role `admin` may do everything, other roles nothing. */
export const adminPolicy: Policy = {
  decide({ principal, action }) {
    if (principal.roles.includes('admin')) return { allowed: true, reason: 'role admin' };
    return { allowed: false, reason: `no role allows ${action}` };
  },
};
