// The rules for the names of users and services, of roles and scopes, and for networks.
import { isNetwork } from '@gatehouse/access';
import { z } from 'zod';

export const principalName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._@-]{0,63}$/i,
    'must have up to 64 letters of a-z and A-Z, digits and ._@-, and begin with a letter or digit',
  );

const roleName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,63}$/i, 'must have up to 64 letters, digits, - and _, and begin with a letter');

/** It may be empty. */
export const roleList = z.array(roleName).max(32);

export const roleNames = roleList.min(1, 'must name at least one role');

/** A scope is a word of printable ASCII (RFC 6749 §3.3). */
export const scopeNames = z
  .array(z.string().regex(/^[!#-[\]-~]{1,128}$/, 'must be words of ASCII without spaces, " and \\'))
  .max(32);

/** Addresses, and networks in CIDR notation. */
export const networks = z
  .array(z.string().refine(isNetwork, 'must be an IP address, or a network such as 10.0.0.0/8'))
  .max(32);

/** The parameter of a path that names a user or a service. */
export const named = z.object({ name: z.string() });

/** The query of an act that can leave no administrator. */
export const caution = z.object({
  keepAdministrator: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .describe('true: refuse it if no active user has the role admin afterwards'),
});

/** The body that disables a user, a service or a client, or enables it again. */
export const newState = z.strictObject({ disabled: z.boolean() });
