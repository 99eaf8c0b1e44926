// Query strings and form bodies (WHATWG URL §5.1), read strictly. Text that is not UTF-8 is refused, because
// two different texts must never become the same one.
import { GatehouseError } from '@gatehouse/access';

/** Name and value of each field, in order. Throws `bad_request`; `what` names the text in the message. */
export function parseUrlEncoded(text: string, what: string): [name: string, value: string][] {
  if (text === '') return [];
  return text
    .split('&')
    .filter((field) => field !== '')
    .map((field) => {
      const at = field.indexOf('=');
      return at < 0
        ? [decode(field, what), '']
        : [decode(field.slice(0, at), what), decode(field.slice(at + 1), what)];
    });
}

function decode(text: string, what: string): string {
  if (!/[+%]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    throw new GatehouseError(
      'bad_request',
      `${what} is not percent-encoded UTF-8: encode it like encodeURIComponent.`,
      { cause: error },
    );
  }
}
