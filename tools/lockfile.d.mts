/** False if a package is missing, is of another version, or is there without being in the lockfile. */
export declare function isInstalled(root: string): boolean;
