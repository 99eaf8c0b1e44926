// Policy files as people write them, and findings about them.

/** A file of policies. Its name is a part of the ids of its policies. */
export interface PolicyFile {
  name: string;
  text: string;
}

/** A mistake, or a warning, at a place of a policy file. */
export interface PolicyFinding {
  severity: 'error' | 'warning';
  /** The name of the file. */
  file: string;
  /** From 1. */
  line: number;
  /** In characters, from 1. */
  column: number;
  /** The id of the policy, if it is known. */
  policy?: string;
  message: string;
  /** How to correct it. */
  help?: string;
}

export function isError({ severity }: PolicyFinding): boolean {
  return severity === 'error';
}
