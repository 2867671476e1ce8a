const policy = [
  "default-src 'none'",
  "script-src 'self' file:",
  "style-src 'self' file:",
  "img-src 'self' file: data:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** The one page. It holds nothing from the evidence but the release's id, in hex; everything else comes as data. */
export function renderPage(id: string): string {
  const title = /^[0-9a-f]{64}$/.test(id) ? `Release ${id.slice(0, 12)}` : "Release without a plan";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="stylesheet" href="app.css">
<script src="data/report.js" defer></script>
<script src="app.js" defer></script>
</head>
<body>
<div id="app"><p class="loading">Loading the report.</p></div>
<noscript>These pages show and verify the evidence by JavaScript, from this folder alone. Without it, read the files in exports/.</noscript>
</body>
</html>
`;
}
