// Reads server-sent events (WHATWG HTML §9.2.6), each with JSON in its data. Types and ids are not used here.

const LONGEST_EVENT = 1024 * 1024;

/** The data of each event of `body`, in order. Throws `RangeError` for an event without end. */
export async function* eventData<Data>(body: AsyncIterable<Uint8Array>): AsyncGenerator<Data> {
  const decoder = new TextDecoder();
  let waiting = '';
  for await (const octets of body) {
    waiting += decoder.decode(octets, { stream: true });
    const events = waiting.split('\n\n');
    waiting = events.pop() ?? '';
    if (waiting.length > LONGEST_EVENT) throw new RangeError('the server sent an event without an end');
    for (const event of events) {
      const data = dataOf(event);
      if (data !== '') yield JSON.parse(data) as Data;
    }
  }
}

/** Lines with other fields, and comments, are skipped. */
function dataOf(event: string): string {
  return event
    .split('\n')
    .flatMap((line) => (line.startsWith('data:') ? [line.slice('data:'.length).trimStart()] : []))
    .join('\n');
}
