// Diffie-Hellman with numbers that fit on a line (p = 23, g = 5), as textbooks print it.

/** One of the two ends. */
export interface TextbookSide {
  private: number;
  public: number;
  shared: number;
}

export interface Textbook {
  p: number;
  g: number;
  client: TextbookSide;
  server: TextbookSide;
  /** What a listener tries: the powers of g up to the client's public number. */
  search: { exponent: number; power: number }[];
}

const P = 23;
const G = 5;
const CLIENT_SECRET = 6;
const SERVER_SECRET = 15;

/** The exchange, computed. */
export function textbookExchange(): Textbook {
  const [client, server] = [power(G, CLIENT_SECRET), power(G, SERVER_SECRET)];
  return {
    p: P,
    g: G,
    client: { private: CLIENT_SECRET, public: client, shared: power(server, CLIENT_SECRET) },
    server: { private: SERVER_SECRET, public: server, shared: power(client, SERVER_SECRET) },
    search: searchFor(client),
  };
}

function power(base: number, exponent: number): number {
  let result = 1;
  for (let index = 0; index < exponent; index += 1) result = (result * base) % P;
  return result;
}

function searchFor(wanted: number): Textbook['search'] {
  const tried: Textbook['search'] = [];
  do {
    const exponent = tried.length + 1;
    tried.push({ exponent, power: power(G, exponent) });
  } while (tried.at(-1)?.power !== wanted);
  return tried;
}
