// The version of this program.
import manifest from '../../package.json' with { type: 'json' };

/**
 * The version of this program, as in its package.json.
 * @example
 * console.log(`gatehouse ${VERSION}`);
 */
export const VERSION: string = manifest.version;
