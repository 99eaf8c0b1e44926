// One token for many requests: requests that need a token at the same time wait for the same one.

export interface TokenSource<Token, Context> {
  /** The token, or a new one if none is valid. */
  current(context: Context): Promise<Token>;
  /** The token after one that was refused. */
  after(refused: Promise<Token>, context: Context): Promise<Token>;
}

/** How to get tokens, and how to know that one has expired. */
export interface TokenWork<Token, Context> {
  obtain(context: Context, refused: Token | undefined): Promise<Token>;
  isOver(token: Token): boolean;
}

export function createTokenSource<Token, Context>({
  obtain,
  isOver,
}: TokenWork<Token, Context>): TokenSource<Token, Context> {
  let asked: Promise<Token> | undefined;
  let issued: Token | undefined;
  const fresh = (context: Context, refused?: Token) => {
    const asking = obtain(context, refused);
    asked = asking;
    issued = undefined;
    asking.then(
      (token) => {
        if (asked === asking) issued = token;
      },
      () => {
        if (asked === asking) asked = undefined;
      },
    );
    return asking;
  };
  return {
    current: (context) =>
      asked === undefined || (issued !== undefined && isOver(issued)) ? fresh(context) : asked,
    async after(refused, context) {
      const token = await refused;
      return asked === undefined || asked === refused ? fresh(context, token) : asked;
    },
  };
}
