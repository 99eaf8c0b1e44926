// The octets of a body, piece by piece. Loads nothing of Node.

/** Some browsers cannot loop over a stream. */
export async function* piecesOf(
  body: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | null,
): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  if (!('getReader' in body)) return yield* body;
  const reader = body.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  } finally {
    await reader.cancel();
  }
}
