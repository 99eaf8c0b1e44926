// The media types of sealed messages (RFC 9458 §9, draft-ietf-ohai-chunked-ohttp-08 §8).

/**
 * The media type of a sealed request.
 * @example
 * headers.set('content-type', REQUEST_MEDIA_TYPE);
 */
export const REQUEST_MEDIA_TYPE = 'message/ohttp-req';
/**
 * The media type of a sealed answer.
 * @example
 * const isSealed = headers.get('content-type') === RESPONSE_MEDIA_TYPE;
 */
export const RESPONSE_MEDIA_TYPE = 'message/ohttp-res';

/**
 * The media type of a request in chunks.
 * @example
 * headers.set('content-type', CHUNKED_REQUEST_MEDIA_TYPE);
 */
export const CHUNKED_REQUEST_MEDIA_TYPE = 'message/ohttp-chunked-req';
/**
 * The media type of an answer in chunks.
 * @example
 * const isSealed = headers.get('content-type') === CHUNKED_RESPONSE_MEDIA_TYPE;
 */
export const CHUNKED_RESPONSE_MEDIA_TYPE = 'message/ohttp-chunked-res';
