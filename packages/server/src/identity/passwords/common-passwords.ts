// The passwords that attackers try first, from leaked lists: the data of @zxcvbn-ts/language-common. It is
// loaded when someone first chooses a password. Only entries of the minimum length stay in memory.

export interface CommonPasswords {
  /** Whether this text, in lower case, is among them. */
  has(folded: string): Promise<boolean>;
}

export function createCommonPasswords(minLength: number): CommonPasswords {
  let loading: Promise<ReadonlySet<string>> | undefined;

  async function load(): Promise<ReadonlySet<string>> {
    const { dictionary } = await import('@zxcvbn-ts/language-common');
    const all: readonly (string | number)[] = dictionary['passwords-common'];
    return new Set(
      all.map((entry) => String(entry).toLowerCase()).filter(({ length }) => length >= minLength),
    );
  }

  return {
    async has(folded) {
      loading ??= load();
      return (await loading).has(folded);
    },
  };
}
