const schemes = /^(?:https?|socks5h?):$/;

/** Whether a text is the URL of a supported proxy: http, https, socks5 or socks5h. */
export function isProxyUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && schemes.test(url.protocol) && url.hostname !== '';
}

/** A proxy URL from the environment, where `socks:` means `socks5h:` (desktops write it); undefined if it is not one. */
export function givenProxyUrl(text: string): string | undefined {
  const url = text.trim().replace(/^socks:/i, 'socks5h:');
  return isProxyUrl(url) ? url : undefined;
}

/** User name and password of a proxy URL; undefined without both. A `%` that escapes nothing is taken literally. */
export function proxyCredentials({
  username,
  password,
}: Pick<URL, 'username' | 'password'>): { readonly username: string; readonly password: string } | undefined {
  if (username === '' && password === '') return undefined;
  return { username: decoded(username), password: decoded(password) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Host and port of a proxy, by default its scheme's port (SOCKS: 1080); IPv6 addresses without brackets. */
export function proxyAddress({ hostname, port, protocol }: URL): { readonly host: string; readonly port: number } {
  const byScheme = protocol === 'https:' ? 443 : protocol === 'http:' ? 80 : 1080;
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port || byScheme) };
}
