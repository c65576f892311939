// An oxlint plugin: what a module may import, and which globals it may touch, by its place in the tree (layers.ts).
import { builtinModules } from 'node:module';
import { posix, relative, sep } from 'node:path';
import type { Context, ESTree, Plugin, Rule, Visitor } from '@oxlint/plugins';
import packageJson from '../../package.json' with { type: 'json' };
import {
  AMBIENT_GLOBALS,
  COMPOSITION_ROOTS,
  layerOf,
  MAY_IMPORT,
  NODE_EXCEPTIONS,
  NODE_FOLDERS,
  WITHOUT_AMBIENT_GLOBALS,
} from './layers.ts';

const BUILTINS: ReadonlySet<string> = new Set(builtinModules);

/** Path of the linted file from the folder where the linter was started, with forward slashes. */
function pathOf(context: Context): string {
  return relative(context.cwd, context.filename).split(sep).join('/');
}

function within(path: string, places: readonly string[]): boolean {
  return places.some((place) => (place.endsWith('/') ? path.startsWith(place) : path === place));
}

/** @returns why the import is refused, or undefined. */
function refusal(path: string, specifier: string): string | undefined {
  const layer = layerOf(path);
  if (layer === undefined) return undefined;
  if (specifier.startsWith('.')) return relativeRefusal(path, posix.join(posix.dirname(path), specifier));
  const root = specifier.replace(/^node:/, '').split('/')[0] ?? '';
  if (specifier.startsWith('node:') || BUILTINS.has(root)) return nodeRefusal(path, specifier);
  if (specifier.startsWith('#')) return undefined;
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  if (Object.hasOwn(packageJson.dependencies, name)) return undefined;
  return `${name} is not a runtime dependency of package.json, so it is not there when the package is installed.`;
}

function relativeRefusal(path: string, target: string): string | undefined {
  const from = layerOf(path);
  const to = layerOf(target);
  if (from === undefined) return undefined;
  if (to === undefined)
    return `${from} must not import ${target}, which is outside of the architecture's layers.`;
  if (from === to) return undefined;
  if (to === 'ambient') {
    if (within(path, COMPOSITION_ROOTS)) return undefined;
    return `only a composition root (${COMPOSITION_ROOTS.join(', ')}) imports ambient; take what you need as an argument.`;
  }
  if (MAY_IMPORT[from].includes(to)) return undefined;
  return `${from} must not import ${to}; it may import ${MAY_IMPORT[from].join(', ') || 'nothing'}.`;
}

function nodeRefusal(path: string, specifier: string): string | undefined {
  if (within(path, NODE_FOLDERS)) return undefined;
  const excepted = NODE_EXCEPTIONS.some((one) => within(path, [one.path]) && one.modules.includes(specifier));
  if (excepted) return undefined;
  return `${specifier} belongs in ${NODE_FOLDERS.join(', ')}; an exception needs a reason in scripts/lint/layers.ts.`;
}

const direction: Rule = {
  create(context): Visitor {
    const path = pathOf(context);
    const check = (node: ESTree.Node, source: ESTree.Node | null | undefined): void => {
      if (source?.type !== 'Literal' || typeof source.value !== 'string') return;
      const message = refusal(path, source.value);
      if (message !== undefined) context.report({ node, message });
    };
    return {
      ImportDeclaration: (node) => check(node, node.source),
      ExportNamedDeclaration: (node) => check(node, node.source),
      ExportAllDeclaration: (node) => check(node, node.source),
      ImportExpression: (node) => check(node, node.source),
      TSImportType: (node) => check(node, node.source),
      CallExpression(node) {
        if (layerOf(path) === undefined) return;
        const { callee } = node;
        if (callee.type === 'Identifier' && callee.name === 'require') check(node, node.arguments[0]);
        if (
          callee.type === 'MemberExpression' &&
          !callee.computed &&
          callee.property.name === 'getBuiltinModule'
        ) {
          context.report({
            node,
            message: 'process.getBuiltinModule goes around the walls; import the module.',
          });
        }
      },
    };
  },
};

const globals: Rule = {
  create(context): Visitor {
    const layer = layerOf(pathOf(context));
    if (layer === undefined || !WITHOUT_AMBIENT_GLOBALS.has(layer)) return {};
    const report = (node: ESTree.Node, name: string): void => {
      context.report({
        node,
        message: `${name} is ambient; ${layer} gets it from src/ambient through an argument.`,
      });
    };
    return {
      // Found through scopes, so that a parameter or a property that happens to be called `process` is no breach.
      'Program:exit'() {
        const scope = context.sourceCode.scopeManager.globalScope;
        for (const { identifier } of scope?.through ?? []) {
          if (AMBIENT_GLOBALS.has(identifier.name)) report(identifier, identifier.name);
        }
        for (const name of AMBIENT_GLOBALS) {
          for (const { identifier } of scope?.set.get(name)?.references ?? []) report(identifier, name);
        }
      },
      MemberExpression(node) {
        if (node.object.type !== 'Identifier' || node.computed) return;
        const name = `${node.object.name}.${node.property.name}`;
        if (name === 'Date.now' || name === 'Math.random' || node.object.name === 'globalThis')
          report(node, name);
      },
      NewExpression(node) {
        const current =
          node.callee.type === 'Identifier' && node.callee.name === 'Date' && node.arguments.length === 0;
        if (current) report(node, 'new Date()');
      },
    };
  },
};

const plugin: Plugin = {
  meta: { name: 'walls' },
  rules: { 'import-direction': direction, 'ambient-global': globals },
};

// oxlint takes a plugin from the default export only.
export default plugin;
