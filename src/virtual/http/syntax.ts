// Syntax of the parts of a request: RFC 9110 (HTTP) and RFC 3986 (URI). All of it is guest text.

/** RFC 9110, 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** RFC 3986, 3.1. */
const SCHEME = /^[A-Za-z][A-Za-z0-9+\-.]*$/;

/** RFC 3986, 3.2, without userinfo: RFC 9110, 4.2.4 forbids to send one, and it would carry passwords into the log. */
const AUTHORITY = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9\-._~%!$&'()*+,;=]+)(?::[0-9]{0,5})?$/;

/** What a URL parser leaves as it is (WHATWG URL, query percent-encode set); the empty path stands for `/`. */
const PATH = /^(?:\*|(?:\/[!$-;=?-~]*)?(?:\?[!$-;=?-~]*)?)$/;

/** The same with userinfo, which is syntax (RFC 3986, 3.2.1), even though it is not sent. */
const URI_AUTHORITY =
  /^(?:[A-Za-z0-9\-._~%!$&'()*+,;=:]*@)?(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9\-._~%!$&'()*+,;=]+)(?::[0-9]{0,5})?$/;

/** What people write: relative paths and letters beyond ASCII, too, which are encoded when it is sent. */
const URI_PATH = /^[!$-;=@-_a-~\u0080-\uffff]*(?:\?[!$-;=?-~\u0080-\uffff]*)?$/;

/** Longest parts of a request, in characters; 8000 octets of a request line are what RFC 9112, 3 asks servers to take. */
const MAX_PATH = 8192;
const MAX_AUTHORITY = 1024;
const MAX_WORD = 64;

export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

export function isMethod(text: string): boolean {
  return text.length <= MAX_WORD && TOKEN.test(text);
}

export function isScheme(text: string): boolean {
  return text.length <= MAX_WORD && SCHEME.test(text);
}

export function isAuthority(text: string): boolean {
  return text.length <= MAX_AUTHORITY && AUTHORITY.test(text);
}

export function isPathWithQuery(text: string): boolean {
  return text.length <= MAX_PATH && PATH.test(text);
}

/** As WASI 0.3 has it: whether it can be sent is for who sends it to say. */
export function isUriAuthority(text: string): boolean {
  return text.length <= MAX_AUTHORITY && URI_AUTHORITY.test(text);
}

/** The same. */
export function isUriPathWithQuery(text: string): boolean {
  return text.length <= MAX_PATH && URI_PATH.test(text);
}

/** RFC 9110, 5.5: no controls but the tab. Line breaks would start a field of the guest's own making. */
export function isFieldValue(bytes: Uint8Array): boolean {
  for (const byte of bytes) if ((byte < 0x20 && byte !== 0x09) || byte === 0x7f) return false;
  return true;
}
