const schemes = /^(?:https?|socks5h?):$/;

/** Whether a text is the URL of a proxy that connections can lead through: http, https, socks5 or socks5h. */
export function isProxyUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && schemes.test(url.protocol) && url.hostname !== '';
}

/** A proxy as the environment names it, where `socks:` stands for `socks5h:` (desktops write it); undefined when it is none. */
export function givenProxyUrl(text: string): string | undefined {
  const url = text.trim().replace(/^socks:/i, 'socks5h:');
  return isProxyUrl(url) ? url : undefined;
}

/** User name and password in a proxy's URL; undefined when it has neither. A `%` that escapes nothing stands for itself. */
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

/** Where a proxy listens, at its scheme's port unless it names one (SOCKS: 1080); an IPv6 address without brackets. */
export function proxyAddress({ hostname, port, protocol }: URL): { readonly host: string; readonly port: number } {
  const byScheme = protocol === 'https:' ? 443 : protocol === 'http:' ? 80 : 1080;
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port || byScheme) };
}
