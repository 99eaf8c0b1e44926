// Attributes of people and services: plain data that administrators set and policies read.

/** The kinds of value that policies can compare. Numbers are whole. */
export type AttributeValue = string | number | boolean | readonly string[];

/** Attributes by name. */
export type Attributes = Readonly<Record<string, AttributeValue>>;
