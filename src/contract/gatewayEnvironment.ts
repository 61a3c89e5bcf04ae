/** The variables of a window's environment that a gateway needs: none of Node's or VS Code's, no keys (security.md 9). */
const passedOn =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|XDG_\w+|SystemRoot|SystemDrive|windir|USERPROFILE|HOMEDRIVE|HOMEPATH|APPDATA|LOCALAPPDATA|ComSpec|PATHEXT|(?:HTTPS?|ALL|NO)_PROXY|SSL_CERT_\w+|NODE_EXTRA_CA_CERTS)$/i;

type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of a gateway that a window starts, or has started: an allow-list. */
export function gatewayEnvironment(env: Environment): Record<string, string> {
  const allowed: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && passedOn.test(name)) allowed[name] = value;
  }
  // Harmless where the runtime is Node already.
  return { ...allowed, ELECTRON_RUN_AS_NODE: '1' };
}
