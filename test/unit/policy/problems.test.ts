import { describe, expect, test } from 'vitest';
import { check, marked, problemsOf } from './problems-of.ts';

function rule(properties: string): string {
  return `{ "version": 1, "filesystem": [{ ${properties} }] }`;
}

describe('text that is not JSON', () => {
  check({
    nothing: { text: '¦', pointer: '', message: /^not JSON: found the end of the text, expected a value$/ },
    'an open object': {
      text: '{ "version": 1¦',
      pointer: '',
      message: /found the end of the text, expected `}`/,
    },
    'an open array': {
      text: '{ "extends": [¦',
      pointer: '',
      message: /found the end of the text, expected `]`/,
    },
    'two values': {
      text: '{ "version": 1 } ¦{}',
      pointer: '',
      message: /found "{", expected the end of the text/,
    },
    'two commas': {
      text: '{ "version": 1,¦, }',
      pointer: '',
      message: /found ",", expected a key in double quotes/,
    },
    'no comma': { text: '{ "version": 1 ¦"name": "x" }', pointer: '', message: /expected a comma/ },
    'no colon': { text: '{ "version" ¦1 }', pointer: '', message: /expected a colon/ },
    'an unknown word': {
      text: '{ "version": 1, "arguments": ¦yes }',
      pointer: '',
      message: /found "yes", expected a JSON value/,
    },
    'a leading zero': { text: '{ "version": 0¦1 }', pointer: '', message: /expected a comma/ },
    'a point without digits': {
      text: '{ "version": ¦1. }',
      pointer: '',
      message: /found "1.", expected digits/,
    },
    'an open comment': { text: '{ "version": 1 } ¦/* x', pointer: '', message: /a comment that ends with/ },
    'an open string': {
      text: '{ "version": 1, "name": ¦"x\n }',
      pointer: '',
      message: /a string that ends with `"` on the same line/,
    },
    'a wrong escape': {
      text: '{ "version": 1, "name": ¦"\\x41" }',
      pointer: '',
      message: /expected a JSON escape/,
    },
    'a wrong Unicode escape': {
      text: '{ "version": 1, "name": ¦"\\u00zz" }',
      pointer: '',
      message: /four hexadecimal digits/,
    },
    'a raw control character': {
      text: '{ "version": 1, "name": ¦"a\u0001b" }',
      pointer: '',
      message: /found "\\"a\\u0001b\\"", expected a string without control characters/,
    },
    'nested too deep': {
      text: `${'['.repeat(64)}¦[${']'.repeat(65)}`,
      pointer: '',
      message: /^nested too deep: expected at most 64/,
    },
    'brackets after a string are counted': {
      text: `["]]]",${'['.repeat(63)}¦[`,
      pointer: '',
      message: /^nested too deep/,
    },
    'too large': {
      text: `¦{ "version": 1, "description": "${'é'.repeat(1 << 19)}" }`,
      pointer: '',
      message: /^the text is too large: expected at most 1048576 bytes/,
    },
  });

  test('single quotes get a hint', () => {
    expect(problemsOf("{ 'version': 1 }")[0]).toMatchObject({
      line: 1,
      column: 3,
      hint: 'strings stand in double quotes',
    });
  });

  test('half a million open brackets are one problem, not a stack overflow', () => {
    expect(problemsOf('['.repeat(500_000))).toHaveLength(1);
  });

  test('64 levels are allowed', () => {
    // Wrong for other reasons, all of them found.
    expect(problemsOf(`${'['.repeat(64)}${']'.repeat(64)}`)[0]?.message).toMatch(/expected an object/);
  });
});

describe('keys', () => {
  check({
    unknown: {
      text: '{ "version": 1, ¦"argumens": true }',
      pointer: '/argumens',
      message: /^unknown key: found "argumens", expected one of `version`, `name`/,
      hint: 'did you mean `arguments`?',
    },
    'unknown, like nothing': {
      text: '{ "version": 1, ¦"qqqqqqq": true }',
      pointer: '/qqqqqqq',
      message: /^unknown key/,
    },
    'unknown in a rule, for a key that must be there': {
      text: rule('"mount": "/a", "host": "a", ¦"acess": "read"'),
      pointer: '/filesystem/0/acess',
      message: /^unknown key/,
      hint: 'did you mean `access`?',
    },
    'unknown in a rule, for one of the volumes': {
      text: rule('"mount": "/a", ¦"hots": "a", "access": "read"'),
      pointer: '/filesystem/0/hots',
      message: /^unknown key/,
      hint: 'did you mean `host`?',
    },
    'unknown in memory': {
      text: rule('"mount": "/a", "memory": { ¦"size": 1 }, "access": "read"'),
      pointer: '/filesystem/0/memory/size',
      message: /^unknown key: found "size", expected `from`$/,
    },
    duplicate: {
      text: '{ "version": 1, "arguments": true, ¦"arguments": false }',
      pointer: '/arguments',
      message: /^duplicate key: found "arguments"$/,
    },
    'duplicate, written with an escape': {
      text: '{ "version": 1, "arguments": true, ¦"\\u0061rguments": false }',
      pointer: '/arguments',
      message: /^duplicate key/,
    },
    'duplicate variable': {
      text: '{ "version": 1, "environment": { "A": "1", ¦"A": "2" } }',
      pointer: '/environment/A',
      message: /^duplicate key/,
    },
    __proto__: {
      text: '{ "version": 1, ¦"__proto__": { "arguments": true } }',
      pointer: '/__proto__',
      message: /^forbidden key: found "__proto__"$/,
    },
    '__proto__ as a variable': {
      text: '{ "version": 1, "environment": { ¦"__proto__": "x" } }',
      pointer: '/environment/__proto__',
      message: /^forbidden key/,
    },
    constructor: {
      text: '{ "version": 1, ¦"constructor": 1 }',
      pointer: '/constructor',
      message: /^unknown key/,
    },
    'a control character': {
      text: '{ "version": 1, ¦"arguments\\u0007": true }',
      pointer: '/arguments\u0007',
      message: /^control character in a key: found "arguments\\u0007"$/,
    },
    'a lone surrogate': {
      text: '{ "version": 1, "environment": { ¦"\\ud800": "x" } }',
      pointer: '/environment/\ud800',
      message: /^not a Unicode string/,
      hint: /surrogate/,
    },
    'a pointer with slash and tilde': {
      text: '{ "version": 1, ¦"a/b~c": 1 }',
      pointer: '/a~1b~0c',
      message: /^unknown key: found "a\/b~c"/,
    },
  });
});

describe('the document', () => {
  check({
    'an array': {
      text: '¦[]',
      pointer: '',
      message: /^wrong value: found an empty array, expected an object$/,
    },
    'a string': { text: ' ¦"x"', pointer: '', message: /found "x", expected an object$/ },
    null: { text: '¦null', pointer: '', message: /found null, expected an object$/ },
    'no version': {
      text: '¦{ "arguments": true }',
      pointer: '',
      message: /^missing key: expected `version`$/,
    },
    'another version, and nothing else about it': {
      text: '{ "version": ¦2, "tenants": [], "filesystem": {} }',
      pointer: '/version',
      message: /^wrong version: found 2, expected 1/,
    },
    'a version in quotes': {
      text: '{ "version": ¦"1" }',
      pointer: '/version',
      message: /found "1", expected 1$/,
    },
    'an empty name': {
      text: '{ "version": 1, "name": ¦"" }',
      pointer: '/name',
      message: /text that is not empty/,
    },
    'a long name': {
      text: `{ "version": 1, "name": ¦"${'x'.repeat(129)}" }`,
      pointer: '/name',
      message: /found more than 128, expected at most 128 characters/,
    },
    'a name with a line end': {
      text: '{ "version": 1, "name": ¦"a\\nb" }',
      pointer: '/name',
      message: /^control character: found "a\\nb"$/,
    },
    'a name that turns the line around': {
      text: '{ "version": 1, "name": ¦"a\\u202eb" }',
      pointer: '/name',
      message: /^control character: found "a\\u202eb"$/,
    },
    'a lone surrogate': {
      text: '{ "version": 1, "description": ¦"\\udc00" }',
      pointer: '/description',
      message: /^not a Unicode string/,
      hint: /surrogate/,
    },
    arguments: {
      text: '{ "version": 1, "arguments": ¦"yes" }',
      pointer: '/arguments',
      message: /found "yes", expected true or false$/,
    },
    'audit level': {
      text: '{ "version": 1, "audit": { "level": ¦"denial" } }',
      pointer: '/audit/level',
      message: /expected "grants", "denials", "uses"$/,
      hint: 'did you mean "denials"?',
    },
  });
});

describe('filesystem', () => {
  check({
    'no array': {
      text: '{ "version": 1, "filesystem": ¦{} }',
      pointer: '/filesystem',
      message: /found an empty object, expected an array$/,
    },
    'no object': {
      text: '{ "version": 1, "filesystem": [¦"x"] }',
      pointer: '/filesystem/0',
      message: /found "x", expected a rule: an object$/,
    },
    'no mount': {
      text: '{ "version": 1, "filesystem": [¦{ "host": "a", "access": "read" }] }',
      pointer: '/filesystem/0',
      message: /^missing key: expected `mount`$/,
    },
    'no access': {
      text: '{ "version": 1, "filesystem": [¦{ "host": "a", "mount": "/a" }] }',
      pointer: '/filesystem/0',
      message: /^missing key: expected `access`$/,
    },
    'no volume': {
      text: '{ "version": 1, "filesystem": [¦{ "mount": "/a", "access": "read" }] }',
      pointer: '/filesystem/0',
      message:
        /^wrong keys: found none of them, expected exactly one of `host`, `memory`, `overlay` and `image`$/,
    },
    'two volumes': {
      text: '{ "version": 1, "filesystem": [¦{ "mount": "/a", "host": "a", "memory": {}, "access": "read" }] }',
      pointer: '/filesystem/0',
      message: /found `host` and `memory`, expected exactly one/,
    },
    'a relative mount': {
      text: rule('"mount": ¦"data", "host": "a", "access": "read"'),
      pointer: '/filesystem/0/mount',
      message: /found "data", expected an absolute guest path/,
      hint: 'did you mean "/data"?',
    },
    'an empty mount': {
      text: rule('"mount": ¦"", "host": "a", "access": "read"'),
      pointer: '/filesystem/0/mount',
      message: /expected an absolute guest path/,
    },
    'a mount with an empty component': {
      text: rule('"mount": ¦"/a//b", "host": "a", "access": "read"'),
      pointer: '/filesystem/0/mount',
      message: /without empty components/,
    },
    'two slashes': {
      text: rule('"mount": ¦"//", "host": "a", "access": "read"'),
      pointer: '/filesystem/0/mount',
      message: /without empty components/,
    },
    'a mount with ..': {
      text: rule('"mount": ¦"/a/../b", "host": "a", "access": "read"'),
      pointer: '/filesystem/0/mount',
      message: /without `.` and `..`/,
    },
    'a mount with .': {
      text: rule('"mount": ¦"/a/.", "host": "a", "access": "read"'),
      pointer: '/filesystem/0/mount',
      message: /without `.` and `..`/,
    },
    'a mount with NUL': {
      text: rule('"mount": ¦"/a\\u0000", "host": "a", "access": "read"'),
      pointer: '/filesystem/0/mount',
      message: /^control character/,
    },
    'an upper-case id': {
      text: rule('"id": ¦"A", "mount": "/a", "host": "a", "access": "read"'),
      pointer: '/filesystem/0/id',
      message: /found "A", expected an identifier/,
    },
    'an empty id': {
      text: rule('"id": ¦"", "mount": "/a", "host": "a", "access": "read"'),
      pointer: '/filesystem/0/id',
      message: /expected an identifier/,
    },
    'an id of 65': {
      text: rule(`"id": ¦"${'a'.repeat(65)}", "mount": "/a", "host": "a", "access": "read"`),
      pointer: '/filesystem/0/id',
      message: /expected an identifier/,
    },
    'the generated id of another position': {
      text: rule('"id": ¦"filesystem/1", "mount": "/a", "host": "a", "access": "read"'),
      pointer: '/filesystem/0/id',
      message: /or "filesystem\/0" for a rule without a name/,
    },
    'the generated id of another section': {
      text: rule('"id": ¦"http/0", "mount": "/a", "host": "a", "access": "read"'),
      pointer: '/filesystem/0/id',
      message: /^wrong identifier/,
    },
    'a host that is neither name nor path': {
      text: rule('"mount": "/a", "host": ¦"data/x", "access": "read"'),
      pointer: '/filesystem/0/host',
      message: /^wrong host directory/,
      hint: 'did you mean "./data/x"?',
    },
    'a host with ~': {
      text: rule('"mount": "/a", "host": ¦"~/x", "access": "read"'),
      pointer: '/filesystem/0/host',
      message: /^wrong host directory/,
      hint: /not expanded/,
    },
    'the host .': {
      text: rule('"mount": "/a", "host": ¦".", "access": "read"'),
      pointer: '/filesystem/0/host',
      message: /^wrong host directory/,
      hint: 'did you mean "./"?',
    },
    'a memory that is no object': {
      text: rule('"mount": "/a", "memory": ¦true, "access": "read"'),
      pointer: '/filesystem/0/memory',
      message: /found true, expected {}, or an object with `from`$/,
    },
    'an unknown access word': {
      text: rule('"mount": "/a", "host": "a", "access": ["list", ¦"raed"]'),
      pointer: '/filesystem/0/access/1',
      message: /found "raed", expected `read`, `list`,.*or `set-times`$/,
      hint: 'did you mean `read`?',
    },
    'a short name in a list': {
      text: rule('"mount": "/a", "host": "a", "access": [¦"read-write"]'),
      pointer: '/filesystem/0/access/0',
      message: /found "read-write"/,
      hint: /stands alone/,
    },
    'a single word that is no short name': {
      text: rule('"mount": "/a", "host": "a", "access": ¦"write"'),
      pointer: '/filesystem/0/access',
      message: /expected "read", "read-write", or a list/,
      hint: 'did you mean ["write"]?',
    },
    'a misspelt short name': {
      text: rule('"mount": "/a", "host": "a", "access": ¦"readwrite"'),
      pointer: '/filesystem/0/access',
      message: /found "readwrite"/,
      hint: 'did you mean "read-write"?',
    },
    'a word twice': {
      text: rule('"mount": "/a", "host": "a", "access": ["read", "list", ¦"read"]'),
      pointer: '/filesystem/0/access/2',
      message: /^duplicate element: found "read"$/,
    },
    'a word that is no text': {
      text: rule('"mount": "/a", "host": "a", "access": [¦1]'),
      pointer: '/filesystem/0/access/0',
      message: /found 1, expected `read`/,
    },
    'no words': {
      text: rule('"mount": "/a", "host": "a", "access": ¦[]'),
      pointer: '/filesystem/0/access',
      message: /found an empty array, expected at least one element/,
    },
    'access that is a number': {
      text: rule('"mount": "/a", "host": "a", "access": ¦7'),
      pointer: '/filesystem/0/access',
      message: /found 7, expected "read", "read-write", or a list of access words/,
    },
    'a size with a half unit': {
      text: rule('"mount": "/a", "host": "a", "access": "read", "quota": { "bytes": ¦"64M" }'),
      pointer: '/filesystem/0/quota/bytes',
      message: /found "64M", expected a size such as "64MiB"/,
      hint: 'did you mean "64MiB"?',
    },
    'a negative size': {
      text: rule('"mount": "/a", "host": "a", "access": "read", "quota": { "bytes": ¦-1 }'),
      pointer: '/filesystem/0/quota/bytes',
      message: /found -1, expected a size/,
    },
    'a number that is not finite': {
      text: rule('"mount": "/a", "host": "a", "access": "read", "quota": { "bytes": ¦1e999 }'),
      pointer: '/filesystem/0/quota/bytes',
      message: /found Infinity, expected at most 9007199254740991 bytes/,
    },
    'a broken number of files': {
      text: rule('"mount": "/a", "host": "a", "access": "read", "quota": { "files": ¦1.5 }'),
      pointer: '/filesystem/0/quota/files',
      message: /found 1.5, expected an integer$/,
    },
    'an empty quota': {
      text: rule('"mount": "/a", "host": "a", "access": "read", "quota": ¦{}'),
      pointer: '/filesystem/0/quota',
      message: /expected at least one of `bytes`, `files`,.* and `descriptors`$/,
    },
    'two rules with one id': {
      text: '{ "version": 1, "filesystem": [\n  { "id": "x", "mount": "/a", "host": "a", "access": "read" },\n  { "id": ¦"x", "mount": "/b", "host": "b", "access": "read" } ] }',
      pointer: '/filesystem/1/id',
      message: /^two rules with one identifier: found "x"$/,
      hint: 'the other one is at p.jsonc:2:11',
    },
    'two rules on one mount': {
      text: '{ "version": 1, "filesystem": [\n  { "mount": "/a/", "host": "a", "access": "read" },\n  { "mount": ¦"/a", "host": "b", "access": "read" } ] }',
      pointer: '/filesystem/1/mount',
      message: /^two rules on one mount path: found "\/a"$/,
      hint: 'the other one is at p.jsonc:2:14',
    },
  });
});

const HOST = '"mount": "/a", "host": "a", "access": "read"';
const MOUNT = '"mount": "/a", "access": "read"';

function files(content: string): string {
  return rule(`${MOUNT}, "memory": { "from": { "files": { ${content} } } }`);
}

function overlay(layers: string): string {
  return rule(`${MOUNT}, "overlay": { ${layers} }`);
}

const FILES = '/filesystem/0/memory/from/files';

describe.each(['paths', 'except'])('patterns of %s', (key) => {
  const pattern = (text: string): string => rule(`${HOST}, "${key}": ["ok", ¦${JSON.stringify(text)}]`);
  const pointer = `/filesystem/0/${key}/1`;
  check({
    'a leading slash': {
      text: pattern('/a/b'),
      pointer,
      message: /^wrong pattern: found "\/a\/b", expected a pattern relative to the mount$/,
      hint: 'did you mean "a/b"?',
    },
    'only a slash': { text: pattern('/'), pointer, message: /relative to the mount$/ },
    'a slash at the end': {
      text: pattern('a/'),
      pointer,
      message: /found "a\/", expected a pattern that does not end in `\/`$/,
      hint: 'did you mean "a/**"?',
    },
    'an empty component': { text: pattern('a//b'), pointer, message: /without empty components$/ },
    'a dot': { text: pattern('./a'), pointer, message: /without `.` and `..`$/ },
    'two dots': { text: pattern('a/../b'), pointer, message: /without `.` and `..`$/ },
    '** in a component': {
      text: pattern('a/b**.pdf'),
      pointer,
      message: /found "a\/b\*\*.pdf", expected `\*\*` only as a whole component$/,
      hint: 'did you mean "a/b*.pdf"?',
    },
    'three asterisks': { text: pattern('***'), pointer, message: /whole component$/, hint: /"\*"/ },
    'a hint that is no replacement pattern': {
      text: pattern('$&**'),
      pointer,
      message: /whole component$/,
      hint: 'did you mean "$&*"?',
    },
    'too many components': {
      text: pattern(Array(65).fill('a').join('/')),
      pointer,
      message: /expected at most 64 components$/,
    },
    'too long': { text: pattern('x'.repeat(4001)), pointer, message: /expected at most 4000 characters$/ },
    'an empty pattern': { text: pattern(''), pointer, message: /^wrong pattern: found "", expected/ },
    'a number': {
      text: rule(`${HOST}, "${key}": ["ok", ¦1]`),
      pointer,
      message: /found 1, expected a pattern such as/,
    },
    'no patterns': {
      text: rule(`${HOST}, "${key}": ¦[]`),
      pointer: `/filesystem/0/${key}`,
      message: /expected at least one element$/,
    },
    'no list': {
      text: rule(`${HOST}, "${key}": ¦"a"`),
      pointer: `/filesystem/0/${key}`,
      message: /found "a", expected an array$/,
    },
    'too many patterns': {
      text: rule(`${HOST}, "${key}": ¦${JSON.stringify(Array.from({ length: 257 }, (_, i) => `p${i}`))}`),
      pointer: `/filesystem/0/${key}`,
      message: /expected at most 256/,
    },
  });
});

describe('an asterisk anywhere else is never guessed at', () => {
  check({
    'in a mount': {
      text: rule('"mount": ¦"/a/*/b", "host": "a", "access": "read"'),
      pointer: '/filesystem/0/mount',
      message: /found "\/a\/\*\/b", expected a path without `\*`$/,
      hint: 'patterns stand in `paths` and `except`',
    },
    'in a host path': {
      text: rule('"mount": "/a", "host": ¦"/srv/*/data", "access": "read"'),
      pointer: '/filesystem/0/host',
      message: /^wrong host directory: found "\/srv\/\*\/data", expected a path without `\*`$/,
      hint: 'patterns stand in `paths` and `except`',
    },
    'in a host name': {
      text: rule('"mount": "/a", "host": ¦"da*ta", "access": "read"'),
      pointer: '/filesystem/0/host',
      message: /expected the name of a directory that the embedder binds/,
    },
    'in an image path': {
      text: rule('"mount": "/a", "image": ¦"./*.tar", "access": "read"'),
      pointer: '/filesystem/0/image',
      message: /^wrong image: found "\.\/\*\.tar", expected a path without `\*`$/,
      hint: 'patterns stand in `paths` and `except`',
    },
    'in a layer': {
      text: overlay('"lower": { "host": ¦"./*" }, "upper": { "memory": {} }'),
      pointer: '/filesystem/0/overlay/lower/host',
      message: /expected a path without `\*`$/,
      hint: 'patterns stand in `paths` and `except`',
    },
  });
});

describe('volumes and what goes with them', () => {
  check({
    'an image that is written to': {
      text: rule('"mount": "/a", "image": "a", "access": ¦"read-write"'),
      pointer: '/filesystem/0/access',
      message: /^an image is read-only: found "read-write", expected "read", or a list of `read` and `list`$/,
      hint: /`overlay`, or `memory` with `from`$/,
    },
    'an image with one word too many': {
      text: rule('"mount": "/a", "image": "a", "access": ¦["read", "set-times"]'),
      pointer: '/filesystem/0/access',
      message: /^an image is read-only: found "set-times"/,
      hint: /writable layer/,
    },
    'an image that is neither name nor path': {
      text: rule('"mount": "/a", "image": ¦"dist/app.tar", "access": "read"'),
      pointer: '/filesystem/0/image',
      message: /^wrong image: found "dist\/app.tar", expected the name of an archive that the embedder binds/,
      hint: 'did you mean "./dist/app.tar"?',
    },
    'an image of two kinds': {
      text: rule('"mount": "/a", "image": ¦["a"], "access": "read"'),
      pointer: '/filesystem/0/image',
      message: /found an array, expected the name of an archive/,
    },
    'an umask in memory': {
      text: rule(`${MOUNT}, "memory": {}, ¦"umask": "022"`),
      pointer: '/filesystem/0/umask',
      message: /^`umask` needs a host directory$/,
      hint: 'files in memory have no permission bits',
    },
    'an umask over a host directory that is never written to': {
      text: rule(
        `${MOUNT}, "overlay": { "lower": { "host": "a" }, "upper": { "memory": {} } }, ¦"umask": "022"`,
      ),
      pointer: '/filesystem/0/umask',
      message: /^`umask` needs a host directory$/,
      hint: /permission bits/,
    },
    'an umask that is not octal': {
      text: rule(`${HOST}, "umask": ¦"089"`),
      pointer: '/filesystem/0/umask',
      message: /found "089", expected permission bits in octal, such as "022"$/,
    },
    'an umask that is a number': {
      text: rule(`${HOST}, "umask": ¦22`),
      pointer: '/filesystem/0/umask',
      message: /found 22, expected permission bits in octal/,
    },
    'an umask of set-id bits': {
      text: rule(`${HOST}, "umask": ¦"4022"`),
      pointer: '/filesystem/0/umask',
      message: /found "4022", expected permission bits/,
    },
    'concealing without patterns': {
      text: rule(`${HOST}, ¦"conceal": true`),
      pointer: '/filesystem/0/conceal',
      message: /^`conceal` has nothing to conceal: expected `paths` or `except` beside it$/,
    },
    'concealing when everything is granted': {
      text: rule(`${HOST}, "paths": ["**"], ¦"conceal": true`),
      pointer: '/filesystem/0/conceal',
      message: /^`conceal` has nothing to conceal/,
    },
    'concealing in words': {
      text: rule(`${HOST}, "except": ["a"], "conceal": ¦"yes"`),
      pointer: '/filesystem/0/conceal',
      message: /found "yes", expected true or false$/,
    },
    'an overlay without an upper layer': {
      text: rule(`${MOUNT}, "overlay": ¦{ "lower": { "image": "a" } }`),
      pointer: '/filesystem/0/overlay',
      message: /^missing key: expected `upper`$/,
    },
    'an image on top': {
      text: overlay('"lower": { "image": "a" }, "upper": { ¦"image": "b" }'),
      pointer: '/filesystem/0/overlay/upper/image',
      message: /^an image is read-only: expected `memory` or `host`$/,
    },
    'content on top': {
      text: overlay('"lower": { "image": "a" }, "upper": { "memory": { ¦"from": { "image": "b" } } }'),
      pointer: '/filesystem/0/overlay/upper/memory/from',
      message: /^changes start empty: expected `{}`$/,
      hint: 'what is there at the start belongs in `lower`',
    },
    'a layer of two kinds': {
      text: overlay('"lower": ¦{ "image": "a", "host": "b" }, "upper": { "memory": {} }'),
      pointer: '/filesystem/0/overlay/lower',
      message: /found `host` and `image`, expected exactly one of `host`, `memory` and `image`$/,
    },
    'an overlay in an overlay': {
      text: overlay('"lower": { ¦"overlay": {}, "memory": {} }, "upper": { "memory": {} }'),
      pointer: '/filesystem/0/overlay/lower/overlay',
      message: /^unknown key/,
    },
    'memory from nothing': {
      text: rule(`${MOUNT}, "memory": { "from": ¦{} }`),
      pointer: '/filesystem/0/memory/from',
      message: /found none of them, expected exactly one of `files`, `host` and `image`$/,
    },
    'memory from two places': {
      text: rule(`${MOUNT}, "memory": { "from": ¦{ "files": {}, "image": "a" } }`),
      pointer: '/filesystem/0/memory/from',
      message: /found `files` and `image`, expected exactly one/,
    },
    'memory from a wrong image': {
      text: rule(`${MOUNT}, "memory": { "from": { "image": ¦"~/a.tar" } }`),
      pointer: '/filesystem/0/memory/from/image',
      message: /^wrong image/,
      hint: /not expanded/,
    },
  });
});

describe('initial files', () => {
  check({
    'an absolute path': {
      text: files('¦"/a": "x"'),
      pointer: `${FILES}/~1a`,
      message: /^wrong path: found "\/a", expected a path relative to the mount$/,
    },
    'two dots': {
      text: files('¦"a/../../b": "x"'),
      pointer: `${FILES}/a~1..~1..~1b`,
      message: /expected a path without `.` and `..`$/,
    },
    'an empty path': { text: files('¦"": "x"'), pointer: `${FILES}/`, message: /without empty components$/ },
    'a slash at the end': {
      text: files('¦"a/": null'),
      pointer: `${FILES}/a~1`,
      message: /without empty components$/,
    },
    'a NUL in a path': {
      text: files('¦"a\\u0000b": "x"'),
      pointer: `${FILES}/a\0b`,
      message: /^control character in a key/,
    },
    __proto__: { text: files('¦"__proto__": "x"'), pointer: `${FILES}/__proto__`, message: /^forbidden key/ },
    'too deep': {
      text: files(`¦"${Array(129).fill('d').join('/')}": "x"`),
      pointer: `${FILES}/${Array(129).fill('d').join('~1')}`,
      message: /expected a path of at most 128 components$/,
    },
    'a file below a file': {
      text: files('"a/b": "x", ¦"a/b/c/d": "y"'),
      pointer: `${FILES}/a~1b~1c~1d`,
      message: /^a path below the file "a\/b": found "a\/b\/c\/d"$/,
    },
    'a file below a symlink': {
      text: files('¦"a/b": "x", "a": { "symlink": "c" }'),
      pointer: `${FILES}/a~1b`,
      message: /^a path below the file "a"/,
    },
    'base64 with a space': {
      text: files('"a": { "base64": ¦"AA EC" }'),
      pointer: `${FILES}/a/base64`,
      message: /found "AA EC"/,
    },
    'base64 that is cut': {
      text: files('"a": { "base64": ¦"AAE" }'),
      pointer: `${FILES}/a/base64`,
      message: /found "AAE"/,
    },
    base64url: {
      text: files('"a": { "base64": ¦"_-==" }'),
      pointer: `${FILES}/a/base64`,
      message: /found "_-=="/,
    },
    'base64 with bits to spare, for which there is another text': {
      text: files('"a": { "base64": ¦"AB==" }'),
      pointer: `${FILES}/a/base64`,
      message: /found "AB=="/,
    },
    'an absolute symlink': {
      text: files('"a": { "symlink": ¦"/etc/passwd" }'),
      pointer: `${FILES}/a/symlink`,
      message: /^wrong target: found "\/etc\/passwd", expected a relative path$/,
    },
    'a symlink with NUL, by whatever name': {
      text: files('"files": { "symlink": ¦"a\\u0000b" }'),
      pointer: `${FILES}/files/symlink`,
      message: /^wrong target: found "a\\u0000b", expected a path without NUL$/,
    },
    'an empty symlink': {
      text: files('"a": { "symlink": ¦"" }'),
      pointer: `${FILES}/a/symlink`,
      message: /text that is not empty/,
    },
    'two kinds of content': {
      text: files('"a": ¦{ "symlink": "b", "base64": "" }'),
      pointer: `${FILES}/a`,
      message: /expected exactly one of `base64` and `symlink`$/,
    },
    'a number': {
      text: files('"a": ¦1'),
      pointer: `${FILES}/a`,
      message: /found 1, expected a text, null, or an object/,
    },
  });
});

describe('bounds and times of files', () => {
  check({
    'an unknown bound': {
      text: rule(`${HOST}, "quota": { ¦"inodes": 1 }`),
      pointer: '/filesystem/0/quota/inodes',
      message: /^unknown key: found "inodes", expected one of `bytes`, `files`/,
    },
    'a name longer than any file system has': {
      text: rule(`${HOST}, "quota": { "nameLength": ¦256 }`),
      pointer: '/filesystem/0/quota/nameLength',
      message: /found 256, expected an integer of at most 255/,
    },
    'a depth of nothing': {
      text: rule(`${HOST}, "quota": { "depth": ¦0 }`),
      pointer: '/filesystem/0/quota/depth',
      message: /found 0, expected an integer of at least 1/,
    },
    'a rate of an unknown unit': {
      text: rule(`${HOST}, "budget": { "operations": ¦"60/m" }`),
      pointer: '/filesystem/0/budget/operations',
      message: /found "60\/m", expected a rate such as "60\/min", or an integer$/,
    },
    'a rate of nothing': {
      text: rule(`${HOST}, "budget": { "operations": ¦"0/s" }`),
      pointer: '/filesystem/0/budget/operations',
      message: /found "0\/s", expected a rate/,
    },
    'an empty budget': {
      text: rule(`${HOST}, "budget": ¦{}`),
      pointer: '/filesystem/0/budget',
      message: /expected at least one of `operations`, `readBytes` and `writeBytes`$/,
    },
    'a budget of another section': {
      text: rule(`${HOST}, "budget": { ¦"requests": 1 }`),
      pointer: '/filesystem/0/budget/requests',
      message: /^unknown key/,
    },
    'a broken size': {
      text: rule(`${HOST}, "budget": { "readBytes": ¦"5 MB" }`),
      pointer: '/filesystem/0/budget/readBytes',
      message: /found "5 MB", expected a size/,
      hint: 'did you mean "5MB"?',
    },
    'unknown times': {
      text: rule(`${HOST}, "timestamps": ¦"none"`),
      pointer: '/filesystem/0/timestamps',
      message:
        /found "none", expected "real", an object with exactly one of `resolution`, `fixed`; or false$/,
    },
    'times of two kinds': {
      text: rule(`${HOST}, "timestamps": ¦{ "resolution": "1s", "fixed": "2026-01-01T00:00:00Z" }`),
      pointer: '/filesystem/0/timestamps',
      message: /expected exactly one of `resolution` and `fixed`$/,
    },
    'times without a unit': {
      text: rule(`${HOST}, "timestamps": { "resolution": ¦"1" }`),
      pointer: '/filesystem/0/timestamps/resolution',
      message: /expected a duration/,
      hint: /add a unit/,
    },
    'a time without an offset': {
      text: rule(`${HOST}, "timestamps": { "fixed": ¦"2026-01-01" }`),
      pointer: '/filesystem/0/timestamps/fixed',
      message: /expected an instant/,
      hint: 'did you mean "2026-01-01T00:00:00Z"?',
    },
    'bounds of nothing for all mounts': {
      text: '{ "version": 1, "limits": { "filesystem": ¦{} } }',
      pointer: '/limits/filesystem',
      message: /expected at least one of `quota` and `budget`$/,
    },
    'a broken bound for all mounts': {
      text: '{ "version": 1, "limits": { "filesystem": { "quota": { "bytes": ¦"1G" } } } }',
      pointer: '/limits/filesystem/quota/bytes',
      message: /found "1G", expected a size/,
      hint: 'did you mean "1GiB"?',
    },
    'a broken rate for all mounts': {
      text: '{ "version": 1, "limits": { "filesystem": { "budget": { "operations": ¦"1/year" } } } }',
      pointer: '/limits/filesystem/budget/operations',
      message: /found "1\/year", expected a rate/,
    },
  });
});

describe('single-valued sections', () => {
  check({
    'a clock that is true': {
      text: '{ "version": 1, "clocks": { "wall": ¦true } }',
      pointer: '/clocks/wall',
      message:
        /found true, expected an object with exactly one of `resolution`, `fixed`, `virtual`; or false$/,
    },
    'an empty clock': {
      text: '{ "version": 1, "clocks": { "wall": ¦{} } }',
      pointer: '/clocks/wall',
      message: /found none of them, expected exactly one of/,
    },
    'two kinds of clock': {
      text: '{ "version": 1, "clocks": { "wall": ¦{ "resolution": "1ms", "fixed": "2026-01-01T00:00:00Z" } } }',
      pointer: '/clocks/wall',
      message: /found `resolution` and `fixed`, expected exactly one/,
    },
    'an unknown clock': {
      text: '{ "version": 1, "clocks": { ¦"cpu": false } }',
      pointer: '/clocks/cpu',
      message: /^unknown key: found "cpu", expected one of `wall` or `monotonic`$/,
    },
    'a duration without a unit': {
      text: '{ "version": 1, "clocks": { "wall": { "resolution": ¦"1" } } }',
      pointer: '/clocks/wall/resolution',
      message: /found "1", expected a duration such as "250ms"/,
      hint: /add a unit \("1s"\)/,
    },
    'no duration': {
      text: '{ "version": 1, "clocks": { "wall": { "resolution": ¦"0ms" } } }',
      pointer: '/clocks/wall/resolution',
      message: /expected at least one nanosecond/,
    },
    'a date alone': {
      text: '{ "version": 1, "clocks": { "wall": { "fixed": ¦"2026-01-01" } } }',
      pointer: '/clocks/wall/fixed',
      message: /expected an instant such as/,
      hint: 'did you mean "2026-01-01T00:00:00Z"?',
    },
    'a day that does not exist': {
      text: '{ "version": 1, "clocks": { "monotonic": { "virtual": ¦"2026-02-29T00:00:00Z" } } }',
      pointer: '/clocks/monotonic/virtual',
      message: /a date and time that exists/,
    },
    'an instant that is a number': {
      text: '{ "version": 1, "clocks": { "wall": { "fixed": ¦0 } } }',
      pointer: '/clocks/wall/fixed',
      message: /found 0, expected an instant such as/,
    },
    'unknown randomness': {
      text: '{ "version": 1, "random": ¦"secret" }',
      pointer: '/random',
      message: /found "secret", expected "secure", { "seed": TEXT }, or false$/,
    },
    'randomness that is true': {
      text: '{ "version": 1, "random": ¦true }',
      pointer: '/random',
      message: /found true, expected "secure"/,
    },
    'an empty seed': {
      text: '{ "version": 1, "random": { "seed": ¦"" } }',
      pointer: '/random/seed',
      message: /text that is not empty/,
    },
    'no seed': {
      text: '{ "version": 1, "random": ¦{} }',
      pointer: '/random',
      message: /^missing key: expected `seed`$/,
    },
    'a variable with =': {
      text: '{ "version": 1, "environment": { ¦"A=B": "x" } }',
      pointer: '/environment/A=B',
      message: /^not a valid name: found "A=B", expected a name without `=`/,
    },
    'a variable without a name': {
      text: '{ "version": 1, "environment": { ¦"": "x" } }',
      pointer: '/environment/',
      message: /^not a valid name: found ""/,
    },
    'a variable with a number': {
      text: '{ "version": 1, "environment": { "A": ¦1 } }',
      pointer: '/environment/A',
      message: /found 1, expected a string, or { "from": "host" }$/,
    },
    'a variable with NUL': {
      text: '{ "version": 1, "environment": { "A": ¦"a\\u0000b" } }',
      pointer: '/environment/A',
      message: /^NUL in a value: found "a\\u0000b"$/,
    },
    'a variable from elsewhere': {
      text: '{ "version": 1, "environment": { "A": { "from": ¦"file" } } }',
      pointer: '/environment/A/from',
      message: /found "file", expected "host"$/,
    },
    'a bound on standard input': {
      text: '{ "version": 1, "stdio": { "stdin": ¦{ "bytes": 1 } } }',
      pointer: '/stdio/stdin',
      message: /found an object, expected true or false$/,
    },
    'an output without a bound': {
      text: '{ "version": 1, "stdio": { "stdout": ¦{} } }',
      pointer: '/stdio/stdout',
      message: /^missing key: expected `bytes`$/,
    },
    'an output of text': {
      text: '{ "version": 1, "stdio": { "stderr": ¦"1MiB" } }',
      pointer: '/stdio/stderr',
      message: /found "1MiB", expected true, false, or { "bytes": SIZE }$/,
    },
    'a size with a space': {
      text: '{ "version": 1, "limits": { "memory": ¦"64 MiB" } }',
      pointer: '/limits/memory',
      message: /found "64 MiB", expected a size/,
      hint: 'did you mean "64MiB"?',
    },
    'a size in lower case': {
      text: '{ "version": 1, "limits": { "memory": ¦"64mib" } }',
      pointer: '/limits/memory',
      message: /found "64mib", expected a size/,
      hint: 'did you mean "64MiB"?',
    },
    'a size past 2^53': {
      text: '{ "version": 1, "limits": { "memory": ¦9007199254740993 } }',
      pointer: '/limits/memory',
      message: /expected at most 9007199254740991 bytes/,
    },
    'a duration in words': {
      text: '{ "version": 1, "limits": { "deadline": ¦"5 minutes" } }',
      pointer: '/limits/deadline',
      message: /found "5 minutes", expected a duration/,
      hint: 'did you mean "5min"?',
    },
    'a deadline of nothing': {
      text: '{ "version": 1, "limits": { "deadline": ¦0 } }',
      pointer: '/limits/deadline',
      message: /found 0, expected at least one nanosecond/,
    },
    'CPU time without a unit': {
      text: '{ "version": 1, "limits": { "cpu": ¦"200 ms" } }',
      pointer: '/limits/cpu',
      message: /found "200 ms", expected a duration/,
      hint: /^did you mean "200ms"\?$/,
    },
    'a slice that is too short': {
      text: '{ "version": 1, "limits": { "slice": ¦"10us" } }',
      pointer: '/limits/slice',
      message: /found "10us", expected 1ms to 1s/,
    },
    'no handles': {
      text: '{ "version": 1, "limits": { "handles": ¦0 } }',
      pointer: '/limits/handles',
      message: /found 0, expected an integer of at least 1/,
    },
    'null is no absence': {
      text: '{ "version": 1, "limits": ¦null }',
      pointer: '/limits',
      message: /found null, expected an object/,
    },
  });
});

describe('places', () => {
  test.each(['\n', '\r\n', '\r'])('lines end with %j', (end) => {
    const { text, line, column } = marked(
      ['{', '  // é is one column', '  "version": 1,', '  ¦"x": 1', '}'].join(end),
    );
    expect(problemsOf(text)[0]).toMatchObject({ line, column, pointer: '/x' });
    expect([line, column]).toEqual([4, 3]);
  });

  test('a byte order mark takes no column', () => {
    expect(problemsOf('\ufeff{ "version": 1, "x": 1 }')[0]).toMatchObject({ line: 1, column: 17 });
  });

  test('every problem comes at once, in the order of the text', () => {
    const problems = problemsOf(`{
      "random": 1,
      "__proto__": 1,
      "limits": { "deadline": "5 sec", "memory": "x", "cpu": "1 ms" },
      "filesystem": [{ "mount": "a" }, 5],
      "version": 1,
      "version": 2,
      "filesytem": []
    }`);
    expect(problems.map(({ line, pointer }) => `${line} ${pointer}`)).toEqual([
      '2 /random',
      '3 /__proto__',
      '4 /limits/deadline',
      '4 /limits/memory',
      '4 /limits/cpu',
      '5 /filesystem/0',
      '5 /filesystem/0',
      '5 /filesystem/0/mount',
      '5 /filesystem/1',
      '7 /version',
      '8 /filesytem',
    ]);
  });

  test('a text made of problems gives a bounded number of them', () => {
    const keys = Array.from({ length: 50_000 }, (_, index) => `"k${index}":0`);
    const start = performance.now();
    const problems = problemsOf(`{ "version": 1, ${keys.join(',')} }`);
    expect(problems).toHaveLength(1000);
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
