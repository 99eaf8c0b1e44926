// Sends whole sections to one worker in parts. Each part waits until the worker has taken the one before it,
// so a large section never waits in memory as one message.
import type { SectionPage } from '@gatehouse/access';
import type { Section } from '../../platform/feed/feed.ts';

export interface SectionSender {
  /** Sends these sections after the current ones; then calls `sent`. */
  send(sections: readonly Section[], sent?: () => void): void;
  /** Called when the worker has taken the last part. */
  taken(): void;
}

const PAGE_ENTRIES = 2000;

export function createSectionSender(post: (page: SectionPage) => void): SectionSender {
  const waiting: { pages: Iterator<SectionPage>; sent: () => void }[] = [];
  let isPartUnderWay = false;

  function next(): void {
    const [current] = waiting;
    if (isPartUnderWay || !current) return;
    const { value, done } = current.pages.next();
    if (done) {
      waiting.shift();
      current.sent();
      next();
      return;
    }
    isPartUnderWay = true;
    post(value);
  }

  return {
    send(sections, sent = () => {}) {
      waiting.push({ pages: pagesOf(sections), sent });
      next();
    },
    taken() {
      isPartUnderWay = false;
      next();
    },
  };
}

function* pagesOf(sections: readonly Section[]): Generator<SectionPage, undefined> {
  for (const { name, version, entries } of sections) {
    // Changes that happen meanwhile follow with a later version.
    let page: SectionPage = { section: name, version, entries: [], isFirst: true, isLast: false };
    for (const entry of entries) {
      if (page.entries.length === PAGE_ENTRIES) {
        yield page;
        page = { ...page, entries: [], isFirst: false };
      }
      page.entries.push(entry);
    }
    yield { ...page, isLast: true };
  }
  return undefined;
}
