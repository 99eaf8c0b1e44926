// Version 0: the policies in force before any are applied. Here is their text, for people. The form that
// workers compile is in @gatehouse/access. A test compares the two.
import { defaultPolicies } from '@gatehouse/access';
import type { AppliedVersion } from './applied-policies.ts';
import { digestOf } from './digest.ts';

const TEXT = `// In force until you apply your own policies, for routes without \`allow\`.

@id("default:admin")
permit (principal in Role::"admin", action, resource);

@id("default:user")
permit (principal in Role::"user", action in [Action::"GET", Action::"HEAD"], resource);
`;

const compiled = defaultPolicies();
const files = [{ name: 'default.cedar', text: TEXT }];

export const DEFAULT_VERSION: AppliedVersion = {
  version: 0,
  digest: digestOf(files),
  policies: compiled.size,
  note: '',
  appliedAt: null,
  appliedBy: null,
  files,
  compiled,
};

/** In force until the folder of policies is read for the first time. It permits nothing. */
export const NO_POLICIES: AppliedVersion = {
  ...DEFAULT_VERSION,
  digest: digestOf([]),
  policies: 0,
  files: [],
  compiled: new Map(),
};
