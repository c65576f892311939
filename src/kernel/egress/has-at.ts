/**
 * Like `text.startsWith(piece, at)`, which is a call into the engine: most rules are not for a request, and the first
 * character says so.
 */
export function hasAt(text: string, piece: string, at: number): boolean {
  if (at + piece.length > text.length) return false;
  for (let index = 0; index < piece.length; index++) {
    if (text.charCodeAt(at + index) !== piece.charCodeAt(index)) return false;
  }
  return true;
}
