// Contacts of accounts (RFC 8555 §7.3): mailto URLs (RFC 6068) of one mailbox each, without header fields.
import { AcmeError, truncated } from '../problem.ts';

/**
 * Throws `unsupportedContact` for another scheme, and `invalidContact`. Does not check whether the mailbox
 * exists: only a message would show that.
 */
export function requireMailboxes(contacts: readonly string[]): void {
  for (const contact of contacts) {
    const quoted = JSON.stringify(truncated(contact));
    if (!SCHEME.test(contact)) {
      throw new AcmeError('unsupportedContact', `The contact ${quoted} must be a mailto: URL.`);
    }
    if (!isMailbox(contact.replace(SCHEME, ''))) {
      throw new AcmeError('invalidContact', `The contact ${quoted} must be one e-mail address.`);
    }
  }
}

const SCHEME = /^mailto:/i;
const MAILBOX = /^[^\s\p{Cc}@,<>"]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/iu;

function isMailbox(text: string): boolean {
  // A question mark begins the header fields. In the mailbox, a question mark is percent-encoded (RFC 6068
  // §2).
  return !text.includes('?') && MAILBOX.test(decoded(text) ?? '');
}

/** Decodes percent-encoded text: `%2B` is a plus sign. Undefined if the octets are not valid text. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
