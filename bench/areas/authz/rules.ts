// The rules of all contenders as plain data, and random requests with their decisions. A rule permits a role,
// and the roles above it, to read or write one place, in the department of the caller. Writing requires a
// second factor, and contractors may do nothing.
import type { Random } from '../../../fuzz/harness/random.ts';

export interface Rule {
  id: string;
  role: string;
  place: string;
  writes: boolean;
}

export interface Caller {
  name: string;
  department: string;
  /** Its own. */
  role: string;
  /** With those that it includes. */
  roles: readonly string[];
  isContractor: boolean;
}

export interface Question {
  caller: Caller;
  method: string;
  place: string;
  department: string;
  amr: readonly string[];
  /** Milliseconds since 1970. */
  time: number;
}

export interface Setting {
  rules: readonly Rule[];
  questions: readonly Question[];
  /** Each role, and the role that it includes. */
  inclusions: ReadonlyMap<string, string>;
}

export const CONTRACTOR = 'contractor';
const QUESTIONS = 500;
const CALLERS = 200;
const DEPARTMENTS = ['sales', 'finance', 'legal'];

/** `placesOf` is the number of places that share the rules. Rules of other places cannot apply. */
export function createSetting(
  random: Random,
  { rules: count, places }: { rules: number; places: number },
): Setting {
  const roles = Array.from({ length: Math.min(10, count) }, (_, index) => `role-${index}`);
  const inclusions = new Map(roles.slice(1).map((role, index) => [role, roles[index] as string]));
  const rules = Array.from({ length: count - 1 }, (_, index) => ({
    id: `rule-${index}`,
    role: roles[Math.floor(index / places) % roles.length] as string,
    place: `/place-${index % places}`,
    writes: Math.floor(index / places) % 2 === 1,
  }));
  const callers = Array.from({ length: CALLERS }, (_, index) => createCaller(random, index, roles));
  const questions = Array.from({ length: QUESTIONS }, () => createQuestion(random, callers, places));
  return { rules, questions, inclusions };
}

function createCaller(random: Random, index: number, roles: readonly string[]): Caller {
  const level = random.below(roles.length);
  return {
    name: `user-${index}`,
    department: random.pick(DEPARTMENTS),
    role: roles[level] as string,
    roles: roles.slice(0, level + 1),
    isContractor: random.below(10) === 0,
  };
}

function createQuestion(random: Random, callers: readonly Caller[], places: number): Question {
  return {
    caller: random.pick(callers),
    method: random.pick(['GET', 'GET', 'POST']),
    place: `/place-${random.below(places)}`,
    department: random.pick(DEPARTMENTS),
    amr: random.pick([['pwd'], ['pwd', 'otp']]),
    time: 1_800_000_000_000 + random.below(1e9),
  };
}

export function isWrite({ method }: Pick<Question, 'method'>): boolean {
  return method !== 'GET';
}

/** The decision that every contender must make. */
export function expected({ rules }: Setting, question: Question): boolean {
  const { caller, place, department, amr } = question;
  if (caller.isContractor) return false;
  return rules.some(
    (rule) =>
      rule.place === place &&
      rule.writes === isWrite(question) &&
      caller.roles.includes(rule.role) &&
      caller.department === department &&
      (!rule.writes || amr.includes('otp')),
  );
}
