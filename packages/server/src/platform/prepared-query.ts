// Queries of the hot path. Kysely builds and compiles a query anew each time, which costs several times what SQLite takes to run
// it; these are compiled once, by Kysely still, so that they are the same SQL in whatever dialect the store speaks.
import type { Compilable } from 'kysely';
import { CompiledQuery } from 'kysely';
import type { Connection } from './database.ts';

/** Runs the query on a connection and gives its rows. */
export type PreparedQuery<P extends readonly unknown[], R> = (
  connection: Connection,
  ...parameters: P
) => Promise<R[]>;

/**
 * `build` writes the query with its parameters in the order in which it is given them, and nothing else that varies.
 * Throws `TypeError` at the first run when it does not.
 */
export function prepareQuery<P extends readonly unknown[], R>(
  build: (...parameters: P) => Compilable<R>,
): PreparedQuery<P, R> {
  let text: string | undefined;
  return async (connection, ...parameters) => {
    text ??= compiledText(build(...parameters), parameters);
    const { rows } = await connection.executeQuery<R>(CompiledQuery.raw(text, [...parameters]));
    return rows;
  };
}

function compiledText(query: Compilable<unknown>, parameters: readonly unknown[]): string {
  const { sql, parameters: compiled } = query.compile();
  const inOrder =
    compiled.length === parameters.length && compiled.every((value, index) => value === parameters[index]);
  if (!inOrder)
    throw new TypeError('a prepared query has other parameters than it is given, or another order');
  return sql;
}
