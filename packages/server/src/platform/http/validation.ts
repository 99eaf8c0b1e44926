// Checks a value against its schema. The error says in plain words what is wrong with which member.
import { GatehouseError } from '@gatehouse/access';
import type { z } from 'zod';
import { problemWithMember } from '../problems/schema-problem.ts';

/**
 * The value as the schema outputs it. Throws `unprocessable`; `what` names the whole value, such as "The
 * body".
 */
export function check<T extends z.ZodType>(schema: T, value: unknown, what: string): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  // Invalid values are parsed a second time, to get their input for the message. Valid ones do not pay for
  // that.
  const [issue] = schema.safeParse(value, { reportInput: true }).error?.issues ?? [];
  throw new GatehouseError('unprocessable', issue ? problemWithMember(issue, what) : `${what} is not valid.`);
}
