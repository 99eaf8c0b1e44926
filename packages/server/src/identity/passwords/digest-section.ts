// The section of the passwords for Digest, by the name of their user. They are sealed at rest; workers have
// them in memory only.
import type { DigestFacts } from '@gatehouse/access';
import type { Section } from '../../platform/feed/feed.ts';
import { createTableSection } from '../../platform/feed/section.ts';
import type { Database } from '../../platform/store/database.ts';
import type { IdentityStore } from '../store/store.ts';
import type { DigestPasswords } from './digest-passwords.ts';

const CHANGE = /^identity\.(?:digest_password_|user_removed$)/;

export function createDigestSection(
  database: Database,
  store: IdentityStore,
  passwords: Pick<DigestPasswords, 'facts'>,
): Section<DigestFacts> {
  return createTableSection<DigestFacts>(database, {
    name: 'digests',
    touches: ({ type, subject }) => (subject !== null && CHANGE.test(type) ? [subject] : []),
    row: (_connection, name) => passwords.facts(name),
    async page(connection, after, limit) {
      const names = await store.digestPasswordsAfter(connection, after, limit);
      const entries = names.map(async (name) => [name, await passwords.facts(name)] as const);
      return (await Promise.all(entries)).flatMap(([name, facts]) => (facts ? [[name, facts]] : []));
    },
  });
}
