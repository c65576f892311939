/** One component of a pattern, `*` standing for any run of characters. */
export interface ComponentPattern {
  matches(name: string): boolean;
}

export function compileComponent(component: string): ComponentPattern {
  const pieces = component.split('*');
  if (pieces.length === 1) return { matches: (name) => name === component };
  const first = pieces[0] as string;
  const last = pieces.at(-1) as string;
  const between = pieces.slice(1, -1).filter((piece) => piece !== '');
  return { matches: (name) => matchesPieces(name, first, between, last) };
}

/** Each piece is looked for right after the one before: the leftmost place leaves most room, so nothing is tried twice. */
function matchesPieces(name: string, first: string, between: readonly string[], last: string): boolean {
  const end = name.length - last.length;
  if (first.length > end || !name.startsWith(first) || !name.endsWith(last)) return false;
  let from = first.length;
  for (const piece of between) {
    const at = name.indexOf(piece, from);
    if (at < 0 || at + piece.length > end) return false;
    from = at + piece.length;
  }
  return true;
}
