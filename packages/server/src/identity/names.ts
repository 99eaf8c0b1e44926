// The rules for the names of users, API keys and services, and for the names of roles.
import { z } from 'zod';

export const principalName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._@-]{0,63}$/i,
    'must have up to 64 letters, digits and ._@-, and begin with a letter or digit',
  );

export const roleNames = z
  .array(z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/i, 'must have letters, digits, - and _ only'))
  .min(1, 'must name at least one role')
  .max(32);
