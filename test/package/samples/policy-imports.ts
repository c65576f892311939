// Prints the URL of everything that `import 'bailiwick/policy'` loads, as JSON.
import { registerHooks } from 'node:module';

const loaded = new Set<string>();
registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    loaded.add(resolved.url);
    return resolved;
  },
});
await import('bailiwick/policy');
console.log(JSON.stringify([...loaded]));
