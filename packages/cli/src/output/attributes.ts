// Attributes for people.
import { cell } from './print.ts';

/** `department=sales`, one for each attribute. */
export function attributeTexts(attributes: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(attributes).map(([name, value]) => `${name}=${cell(value)}`);
}
