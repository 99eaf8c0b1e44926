// Checks a value against its schema. The error names the member and the mistake in plain words.
import { GatehouseError } from '@gatehouse/access';
import type { z } from 'zod';
import { problemWithMember } from '../problems/schema-problem.ts';

/** The output of the schema. Throws `unprocessable`; `what` names the whole value, such as "The body". */
export function check<T extends z.ZodType>(schema: T, value: unknown, what: string): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  // Invalid values are parsed a second time, to get their input for the message. Valid ones need no second
  // pass.
  const [issue] = schema.safeParse(value, { reportInput: true }).error?.issues ?? [];
  throw new GatehouseError('unprocessable', issue ? problemWithMember(issue, what) : `${what} is not valid.`);
}
