// The part of Cedar's own library that we use. It is compiled to WebAssembly.
import type * as library from '@cedar-policy/cedar-wasm/nodejs';

export type Cedar = Pick<
  typeof library,
  'formatPolicies' | 'policySetTextToParts' | 'policyToJson' | 'templateToJson' | 'validate'
>;

export type CedarError = library.DetailedError;
