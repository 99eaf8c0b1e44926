// One token for many requests: those that need one at the same time, or that were refused, wait for the same.

export interface TokenSource<Token, Context> {
  /** The token, or a new one if there is none that is valid. */
  current(context: Context): Promise<Token>;
  /** The token that follows a refused one. */
  after(refused: Promise<Token>, context: Context): Promise<Token>;
}

/** How to get tokens, and how to know when one is over. */
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
