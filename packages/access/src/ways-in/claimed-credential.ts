// The id of the credential in a denied request, for the ledger and the log, so that an operator can see that
// someone still uses a revoked key. The id is not verified.
import { readSignatures } from '@gatehouse/protocol';
import { parseApiKey } from '../credentials/api-key.ts';
import { parseBasicCredentials } from '../credentials/basic-credentials.ts';
import { readCompactJws } from '../credentials/compact-jws.ts';
import { accessTokenText, apiKeyText, isSigned, schemeValue } from './header-field.ts';
import type { Presented } from './way-in.ts';

/** The ids in a credential; unverified. */
export interface ClaimedCredential {
  /** The id of an API key with a correct checksum, or of a key that signs requests. */
  keyId?: string;
  /** The `jti` of an access token (RFC 7519 §4.1.7). */
  tokenId?: string;
}

const TOKEN_MAX_LENGTH = 8192;
/** Ours are UUIDs. Other characters could control the terminal that shows the log. */
const TOKEN_ID = /^[!-~]{1,128}$/;

/**
 * Empty if there is no id.
 * @example
 * const { keyId, tokenId } = claimedCredential({ authorization, apiKey });
 */
export function claimedCredential(
  fields: Pick<Presented, 'authorization' | 'apiKey' | 'fields'>,
): ClaimedCredential {
  const key = apiKeyText(fields);
  if (key !== undefined) return orNothing(() => ({ keyId: parseApiKey(key).id }));
  const basic = schemeValue(fields.authorization, 'basic');
  if (basic !== undefined) {
    return orNothing(() => ({ keyId: parseApiKey(parseBasicCredentials(basic).password).id }));
  }
  const token = accessTokenText(fields);
  if (token === undefined) return signedBy(fields);
  if (token.length > TOKEN_MAX_LENGTH) return {};
  return orNothing(() => {
    const { jti } = readCompactJws(token).payload;
    return typeof jti === 'string' && TOKEN_ID.test(jti) ? { tokenId: jti } : {};
  });
}

const KEY_ID = /^[a-z2-7]{16}$/;

function signedBy({ fields }: Pick<Presented, 'fields'>): ClaimedCredential {
  if (!isSigned(fields)) return {};
  return orNothing(() => {
    const ids = readSignatures(fields ?? []).map(({ keyid = '' }) => keyid);
    const keyId = ids.find((id) => KEY_ID.test(id));
    return keyId === undefined ? {} : { keyId };
  });
}

/** Unreadable text has no id. The reason for the refusal is recorded anyway. */
function orNothing(read: () => ClaimedCredential): ClaimedCredential {
  try {
    return read();
  } catch {
    return {};
  }
}
