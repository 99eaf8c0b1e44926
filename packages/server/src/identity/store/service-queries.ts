// Services in the database.
import type { PrincipalAttributes } from '@gatehouse/access';
import type { Connection, Tx } from '../../platform/store/database.ts';
import type { Service, Within } from './rows.ts';
import { serviceFromRow } from './rows.ts';

export function serviceQueries(within: Within) {
  return {
    async services(connection: Connection): Promise<Service[]> {
      const rows = await within(connection).selectFrom('services').selectAll().orderBy('name').execute();
      return rows.map(serviceFromRow);
    },
    /** At most `limit` services whose names come after `after`. */
    async servicesAfter(connection: Connection, after: string, limit: number): Promise<Service[]> {
      const rows = await within(connection)
        .selectFrom('services')
        .selectAll()
        .where('name', '>', after)
        .orderBy('name')
        .limit(limit)
        .execute();
      return rows.map(serviceFromRow);
    },
    async service(connection: Connection, name: string): Promise<Service | undefined> {
      const row = await within(connection)
        .selectFrom('services')
        .selectAll()
        .where('name', '=', name)
        .executeTakeFirst();
      return row && serviceFromRow(row);
    },
    async insertService(tx: Tx, { name, roles, createdAt, attributes, disabled }: Service): Promise<void> {
      await within(tx)
        .insertInto('services')
        .values({
          name,
          roles: JSON.stringify(roles),
          created_at: createdAt,
          attributes: JSON.stringify(attributes),
          disabled: disabled ? 1 : 0,
        })
        .execute();
    },
    /** Undefined if there is no such service. */
    async changeService(
      tx: Tx,
      name: string,
      change: { disabled?: boolean; attributes?: PrincipalAttributes },
    ): Promise<Service | undefined> {
      const row = await within(tx)
        .updateTable('services')
        .set({
          ...(change.disabled !== undefined && { disabled: change.disabled ? 1 : 0 }),
          ...(change.attributes && { attributes: JSON.stringify(change.attributes) }),
        })
        .where('name', '=', name)
        .returningAll()
        .executeTakeFirst();
      return row && serviceFromRow(row);
    },
    async deleteService(tx: Tx, name: string): Promise<boolean> {
      const result = await within(tx).deleteFrom('services').where('name', '=', name).executeTakeFirst();
      return result.numDeletedRows > 0n;
    },
  };
}
