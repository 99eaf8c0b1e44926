// The context of a question: the context of a typical request, with the members that the question replaces.
// Addresses and times are text.
import { GatehouseError } from '@gatehouse/access';
import type { Fields, Value } from '@gatehouse/cedar';
import { CedarError, callExtension, EvaluationError, recordValue, valueFromJson } from '@gatehouse/cedar';

/** Members whose values in Cedar have no JSON form, each with the function that reads its text. */
const TYPED: Readonly<Record<string, string>> = { address: 'ip', time: 'datetime', signInAge: 'duration' };
/** Records whose members are replaced one by one. */
const RECORDS = ['params', 'query', 'headers', 'tls'];

/**
 * `base` with the members of `given`. A null removes the member. Throws `policy_invalid` for values that
 * Cedar does not have.
 * @example
 * withMembers(base, { amr: ['pwd', 'otp', 'mfa'], signInAge: '10m', params: { department: 'sales' } });
 */
export function withMembers(base: Fields, given: Readonly<Record<string, unknown>>): Fields {
  const members = new Map(present(base));
  for (const [name, json] of Object.entries(given)) {
    if (json === null) members.delete(name);
    else
      members.set(
        name,
        requireValue(name, () => memberValue(name, json, members.get(name))),
      );
  }
  return members;
}

function requireValue(name: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CedarError || error instanceof EvaluationError)) throw error;
    throw new GatehouseError(
      'policy_invalid',
      `The member "${name}" of the context is not valid: ${error.message}`,
    );
  }
}

function memberValue(name: string, json: unknown, before: Value | undefined): Value {
  if (Object.hasOwn(TYPED, name) && typeof json === 'string')
    return callExtension(TYPED[name] as string, [json]);
  const value = valueFromJson(json);
  const isMerged = RECORDS.includes(name) && typeof value === 'object' && value.kind === 'record';
  if (!isMerged || typeof before !== 'object' || before.kind !== 'record') return value;
  return recordValue(new Map([...present(before.fields), ...present(value.fields)]));
}

function present(fields: Fields): [name: string, value: Value][] {
  return [...fields.keys()].flatMap((name): [string, Value][] => {
    const value = fields.get(name);
    return value === undefined ? [] : [[name, value]];
  });
}
