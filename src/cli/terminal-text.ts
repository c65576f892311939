import { escapeControls } from '../policy/text.ts';

/** Makes a message safe for a terminal, whoever's names are in it. Its lines stay lines. */
export function terminalText(message: string): string {
  return message.split('\n').map(escapeControls).join('\n');
}
