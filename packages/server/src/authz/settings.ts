// The settings under `authz`, and the inclusion of roles that they describe.
import { GatehouseError } from '@gatehouse/access';
import { z } from 'zod';

const roleName = z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/i, 'must be a role name such as "user"');

export const authzSettings = z
  .strictObject({
    policies: z
      .string()
      .min(1)
      .optional()
      .describe(
        'A folder of policies in Cedar, applied at each start and reload; default: the policies of `gatehouse policy apply`',
      )
      .meta({ examples: ['/etc/gatehouse/policies'] }),
    roles: z
      .record(
        roleName,
        z.strictObject({
          includes: z.array(roleName).describe('The roles that it includes'),
        }),
      )
      .default({})
      .describe('Roles that include others: here, every `manager` also has the role `employee`')
      .meta({ examples: [{ manager: { includes: ['employee'] } }] }),
  })
  .prefault({});

export type AuthzSettings = z.output<typeof authzSettings>;

/**
 * For each role, all roles that it includes, directly or through others. Throws `config_invalid` if a role
 * includes itself.
 * @example
 * roleInclusions({ roles: { manager: { includes: ['employee'] } } }).get('manager'); // ['employee']
 */
export function roleInclusions({ roles }: AuthzSettings): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();

  function includedBy(role: string, above: readonly string[]): readonly string[] {
    const known = found.get(role);
    if (known) return known;
    const way = [...above, role];
    if (above.includes(role)) throw cycle(way.slice(way.indexOf(role)));
    const direct = Object.hasOwn(roles, role) ? (roles[role]?.includes ?? []) : [];
    const all = [...new Set(direct.flatMap((next) => [next, ...includedBy(next, way)]))];
    found.set(role, all);
    return all;
  }

  return new Map(Object.keys(roles).map((role) => [role, includedBy(role, [])]));
}

function cycle(way: readonly string[]): GatehouseError {
  return new GatehouseError(
    'config_invalid',
    `Setting authz.roles is not valid: the role ${way[0]} includes itself, by ${way.join(' → ')}. Remove one of these inclusions.`,
  );
}
