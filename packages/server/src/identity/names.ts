// What a user, an API key or a service may be called, and what its roles.
import { z } from 'zod';

export const principalName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._@-]{0,63}$/i,
    'a name has up to 64 letters, digits and ._@- and begins with a letter or digit',
  );

export const roleNames = z
  .array(z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/i, 'a role has letters, digits, - and _'))
  .min(1, 'name at least one role')
  .max(32);
