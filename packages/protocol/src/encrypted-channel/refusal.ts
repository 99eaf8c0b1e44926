// Why the encrypted endpoint refuses a request: a fixed text for the client, and a code for the log of the
// server. Neither contains anything that the client sent.

/** Why a request was refused. */
export type EncryptedFailureReason =
  | 'method_not_allowed'
  | 'body_too_large'
  | 'body_incomplete'
  | 'body_not_json'
  | 'body_not_object'
  | 'client_id_missing'
  | 'client_id_unknown'
  | 'nothing_expected'
  | 'pub_key_invalid'
  | 'pub_key_low_order'
  | 'key_already_exchanged'
  | 'key_not_exchanged'
  | 'cipher_text_invalid'
  | 'cipher_text_too_old'
  | 'cipher_text_too_new'
  | 'cipher_text_repeated'
  | 'cipher_text_out_of_order'
  | 'too_many_exchanges'
  | 'too_many_messages'
  | 'message_handler_failed'
  | 'failed';

interface Answer {
  status: number;
  error: string;
  retryAfterSeconds?: number;
}

const BAD_REQUEST: Answer = { status: 400, error: 'Bad request' };
const UNKNOWN_CLIENT: Answer = { status: 400, error: 'Missing or unknown client_id' };

const TOO_MANY: Answer = { status: 429, error: 'Too many requests', retryAfterSeconds: 60 };
const FAILED: Answer = { status: 500, error: 'Internal server error' };

const ANSWERS: Record<EncryptedFailureReason, Answer> = {
  method_not_allowed: { status: 405, error: 'Method not allowed' },
  body_too_large: { status: 413, error: 'Request body too large' },
  body_incomplete: BAD_REQUEST,
  body_not_json: BAD_REQUEST,
  body_not_object: BAD_REQUEST,
  client_id_missing: UNKNOWN_CLIENT,
  client_id_unknown: UNKNOWN_CLIENT,
  nothing_expected: { status: 400, error: 'Bad request. Expected cipher_text or pub_key' },
  pub_key_invalid: BAD_REQUEST,
  pub_key_low_order: BAD_REQUEST,
  key_already_exchanged: BAD_REQUEST,
  key_not_exchanged: BAD_REQUEST,
  cipher_text_invalid: BAD_REQUEST,
  cipher_text_too_old: BAD_REQUEST,
  cipher_text_too_new: BAD_REQUEST,
  cipher_text_repeated: BAD_REQUEST,
  cipher_text_out_of_order: BAD_REQUEST,
  too_many_exchanges: TOO_MANY,
  too_many_messages: TOO_MANY,
  message_handler_failed: FAILED,
  failed: FAILED,
};

/** Thrown inside the endpoint. Its `fetch` answers and reports it. */
export class Refusal extends Error {
  readonly reason: EncryptedFailureReason;
  readonly clientId: string | undefined;
  readonly answer: Answer;

  constructor(reason: EncryptedFailureReason, clientId?: string, options?: ErrorOptions) {
    super(reason, options);
    this.reason = reason;
    this.clientId = clientId;
    this.answer = ANSWERS[reason];
  }
}
