/** A reader of the exposition format that takes nothing but what its description allows. */

export interface ReadFamily {
  readonly type: string;
  readonly help: string;
  readonly samples: { readonly labels: ReadonlyMap<string, string>; readonly value: number }[];
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\]|\\[\\"n])*",?)*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\[\\"n])*)"/g;
const ESCAPED: Readonly<Record<string, string>> = { '\\\\': '\\', '\\"': '"', '\\n': '\n' };

/** @throws Error that says which line is wrong */
export function parseExposition(text: string): ReadonlyMap<string, ReadFamily> {
  const families = new Map<string, ReadFamily>();
  const seen = new Set<string>();
  let help = '';
  let current = '';
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  for (const line of text.slice(0, -1).split('\n')) {
    const [, word, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (word === 'HELP') help = rest;
    else if (word === 'TYPE') {
      if (families.has(name) || !/^(?:counter|gauge)$/.test(rest)) throw new Error(`wrong: ${line}`);
      families.set((current = name), { type: rest, help, samples: [] });
    } else {
      const sample = SAMPLE.exec(line);
      const value = Number(sample?.[3]);
      if (
        sample === null ||
        sample[1] !== current ||
        Number.isNaN(value) ||
        seen.has(`${sample[1]}{${sample[2]}}`)
      )
        throw new Error(`wrong: ${line}`);
      seen.add(`${sample[1]}{${sample[2]}}`);
      families.get(current)?.samples.push({ labels: labelsOf(sample[2] ?? ''), value });
    }
  }
  return families;
}

function labelsOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    [...text.matchAll(LABEL)].map(([, name = '', value = '']) => [
      name,
      value.replaceAll(/\\[\\"n]/g, (escaped) => ESCAPED[escaped] ?? ''),
    ]),
  );
}
