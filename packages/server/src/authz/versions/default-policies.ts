// Version 0: the policies of a server to which none were applied. Their text is here for people, and in the
// form that the workers compile it is in @gatehouse/access; a test compares the two.
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

/** In force until the folder of policies is read for the first time: nothing is permitted. */
export const NO_POLICIES: AppliedVersion = {
  ...DEFAULT_VERSION,
  digest: digestOf([]),
  policies: 0,
  files: [],
  compiled: new Map(),
};
