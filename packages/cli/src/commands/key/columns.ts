// How lists show API keys.
import type { Key } from '../../connection/admin-api.ts';
import type { Column } from '../../output/table.ts';

export const keyColumns: readonly Column<Key>[] = [
  { title: 'ID', of: ({ id }) => id },
  { title: 'SERVICE', of: ({ name }) => name, form: 'text' },
  { title: 'ROLES', of: ({ roles }) => roles, form: 'text', least: 8 },
  { title: 'STATE', of: ({ state }) => state, form: 'state' },
  { title: 'SIGNS', of: ({ algorithm }) => algorithm, leaveOut: 4 },
  { title: 'SCOPES', of: ({ scopes }) => scopes, form: 'text', leaveOut: 3 },
  { title: 'FROM', of: ({ addresses }) => addresses, form: 'text', leaveOut: 2 },
  { title: 'CREATED', of: ({ createdAt }) => createdAt, form: 'time', leaveOut: 1 },
  { title: 'EXPIRES', of: ({ expiresAt }) => expiresAt ?? 'never', form: 'time' },
  { title: 'LAST USED', of: ({ lastUsedAt }) => lastUsedAt, form: 'time' },
];

/** For the keys of one service. */
export const ownKeyColumns = keyColumns.filter(({ title }) => title !== 'SERVICE');
