// Revocation: what the entry `@gatehouse/client/revocation` offers, which loads no HTTP client of undici.
export { createPublicCheck } from '../network/addresses.ts';
export { type FetchOrder, fetchOctets } from './fetch-octets.ts';
export {
  type AskLimits,
  askList,
  askResponder,
  readStaple,
  type SourceStatus,
  type Subject,
} from './sources.ts';
