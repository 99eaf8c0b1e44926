// A sentence for each role that no rule names, with a suggestion.
import { nearest } from '../configuration/index.ts';

/**
 * `known`: the roles that rules name.
 * @example
 * roleWarnings(['admn'], ['admin', 'user']); // ['No route or policy names the role admn: did you mean admin?']
 */
export function roleWarnings(roles: readonly string[], known: readonly string[]): string[] {
  return roles
    .filter((role) => !known.includes(role))
    .map((role) => {
      const meant = nearest(role, known);
      const remedy = meant === undefined ? `, only ${known.join(', ')}` : `: did you mean ${meant}?`;
      return `No route or policy names the role ${role}${remedy}`;
    });
}
