/** The file of the program. Throws if the build fails. */
export declare function programFile(root?: string): string;
