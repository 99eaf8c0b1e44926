/** The options of the runtime that runs the program. */
export declare const FLAGS: readonly string[];
