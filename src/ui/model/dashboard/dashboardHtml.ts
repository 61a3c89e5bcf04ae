/** Addresses that the webview may load, and its script nonce. */
export interface DashboardHtmlOptions {
  readonly script: string;
  readonly style: string;
  /** VS Code's origin for local resources. */
  readonly cspSource: string;
  /** New for each page; scripts without it do not run. */
  readonly nonce: string;
  /** A BCP 47 tag. */
  readonly language: string;
  readonly title: string;
}

/**
 * The empty page of the dashboard, which its script fills. It can load only its own script and style sheet, no images, and can
 * communicate only with VS Code (security.md 12).
 */
export function dashboardHtml({ script, style, cspSource, nonce, language, title }: DashboardHtmlOptions): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${escaped(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<link rel="stylesheet" href="${escaped(style)}">
</head>
<body>
<script nonce="${nonce}" src="${escaped(script)}"></script>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
