// The tasks of Cedar's library, which run in a separate thread.
import type { Cedar } from './cedar.ts';
import { formatPolicyFile } from './format-policies.ts';
import type { PolicyFile } from './policy-file.ts';
import type { ReadPolicies } from './read-policies.ts';
import { readPolicyFiles } from './read-policies.ts';
import type { SchemaFacts } from './schema-facts.ts';

/** The name of each task, with its input and its result. */
export interface CedarTasks {
  read: { input: { files: readonly PolicyFile[]; facts: SchemaFacts }; output: ReadPolicies };
  format: { input: PolicyFile; output: string };
}

/** The input of a thread. */
export type CedarOrder = {
  [Name in keyof CedarTasks]: { task: Name; input: CedarTasks[Name]['input'] };
}[keyof CedarTasks];

export function runTask(cedar: Cedar, order: CedarOrder): CedarTasks[keyof CedarTasks]['output'] {
  switch (order.task) {
    case 'read':
      return readPolicyFiles(cedar, order.input.files, order.input.facts);
    case 'format':
      return formatPolicyFile(cedar, order.input);
  }
}
