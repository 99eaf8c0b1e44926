// The authorities and every certificate that was issued. The only SQL of this capability.
import type { Connection, Database } from '../../platform/store/database.ts';
import { certificateQueries } from './certificate-queries.ts';
import { hierarchyQueries } from './hierarchy-queries.ts';
import { revocationQueries } from './revocation-queries.ts';
import type { CaTables } from './rows.ts';

export type {
  ClientCertificateFacts,
  HierarchyRow,
  RevocationList,
  RevokedCertificate,
  StoredCertificate,
} from './rows.ts';

export type CaStore = ReturnType<typeof createCaStore>;

export function createCaStore(database: Database) {
  const within = (connection: Connection) => connection.withTables<CaTables>();
  const tables = within(database.read);
  return {
    ...hierarchyQueries(tables, within),
    ...certificateQueries(tables, within),
    ...revocationQueries(database, tables, within),
  };
}
