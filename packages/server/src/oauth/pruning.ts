// Removes expired rows of OAuth: codes, tokens, used proofs and revocations.
import type { CapabilityDeps } from '../platform/capability.ts';
import type { Job } from '../platform/jobs/jobs.ts';
import type { OauthSections } from './sections.ts';
import type { OauthStore } from './store/store.ts';

const PRUNE_SECONDS = 300;
/**
 * If the clock was ahead and is set back, used proofs and revoked tokens are still valid. So the rows are
 * removed only after this extra time.
 */
const AFTER_END_MS = 3_600_000;

/** Removes expired rows, with their copies in the workers. */
export function pruning(
  { database, clock, feed }: Pick<CapabilityDeps, 'database' | 'clock' | 'feed'>,
  store: Pick<OauthStore, 'prune'>,
  { revocations }: Pick<OauthSections, 'revocations'>,
): Job {
  return {
    name: 'remove expired rows of OAuth',
    intervalSeconds: PRUNE_SECONDS,
    async run() {
      const ended = clock.now() - AFTER_END_MS;
      await database.write((tx) => store.prune(tx, ended));
      await feed.alter(() => revocations.sweep((endsAt) => endsAt <= ended));
    },
  };
}
