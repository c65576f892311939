/** Names of WIT as JavaScript has them: `link-count` is `linkCount`, `DNS-error` is `dnsError`. */
export function camelCase(name: string): string {
  return name
    .split('-')
    .map((word, index) => (index === 0 ? word.toLowerCase() : capitalized(word)))
    .join('');
}

/** Names of WIT as types of TypeScript: `DNS-error-payload` is `DnsErrorPayload`. */
export function pascalCase(name: string): string {
  return name
    .split('-')
    .map((word) => capitalized(word))
    .join('');
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();
}
