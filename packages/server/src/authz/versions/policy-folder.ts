// Policies from the folder of the setting `authz.policies`, read at the start and at each reload. Policies
// cannot be applied in another way then, so the folder always has those in force.
import { readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { GatehouseError } from '@gatehouse/access';
import type { Actor } from '../../platform/feed/events.ts';
import { readingProblem } from '../../platform/problems/file-problem.ts';
import { readTextFile } from '../../platform/text.ts';
import type { PolicyFile, SchemaFacts } from '../language/index.ts';
import type { PolicyVersions } from './policy-versions.ts';

export interface PolicyFolder {
  /**
   * Reads the folder, and validates its policies with `facts`. The result is a function that puts them in
   * force. Without a folder, the applied policies stay. Throws `config_invalid`, with the mistakes in the
   * files.
   */
  prepare(folder: string | undefined, facts: SchemaFacts): Promise<() => Promise<void>>;
  /** Throws `conflict` while a folder is in force. */
  refuseOtherSources(): void;
}

const SYSTEM: Actor = { kind: 'system', name: 'gatehouse' };

export function createPolicyFolder(versions: Pick<PolicyVersions, 'apply' | 'require'>): PolicyFolder {
  let inForce: string | undefined;

  async function check(folder: string, files: readonly PolicyFile[], facts: SchemaFacts): Promise<void> {
    try {
      await versions.require(files, facts);
    } catch (error) {
      if (error instanceof GatehouseError) throw invalid(folder, error.message, error);
      throw error;
    }
  }

  return {
    async prepare(folder, facts) {
      if (folder === undefined) {
        return async () => {
          inForce = undefined;
        };
      }
      const files = readPolicyFolder(folder);
      await check(folder, files, facts);
      return async () => {
        inForce = folder;
        await versions.apply({ files, note: `from ${folder}` }, SYSTEM);
      };
    },
    refuseOtherSources() {
      if (inForce === undefined) return;
      throw new GatehouseError(
        'conflict',
        `The policies come from the folder ${inForce} (setting authz.policies): change its files, then run 'gatehouse config reload'.`,
      );
    },
  };
}

/**
 * All files below the folder that end in `.cedar`, or in `.links.json` (links of templates). Throws
 * `config_invalid`.
 */
export function readPolicyFolder(folder: string): PolicyFile[] {
  try {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:cedar|links\.json)$/.test(name))
      .sort()
      .map((name) => ({
        name: name.replaceAll(sep, '/'),
        text: readTextFile(join(folder, name), 'config_invalid'),
      }));
    if (files.length > 0) return files;
  } catch (error) {
    const reason = readingProblem(error) ?? (error as Error).message;
    throw invalid(folder, reason, error);
  }
  // An empty folder is probably a mistake, and not the wish to deny everything.
  throw invalid(folder, 'it has no file that ends in .cedar: add one, or remove the setting');
}

function invalid(folder: string, reason: string, cause?: unknown): GatehouseError {
  return new GatehouseError('config_invalid', `Setting authz.policies is not valid: ${folder}: ${reason}`, {
    cause,
  });
}
