import { useEffect, useState } from "preact/hooks";

/** The look of the pages: the system's, or the one that was chosen. */
export type Theme = "system" | "light" | "dark";

const key = "hxp-report-theme";

/** The theme and how to choose another; remembered where the browser lets pages from disk remember. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState<Theme>(readTheme);
  useEffect(() => {
    if (theme === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
    try {
      localStorage.setItem(key, theme);
    } catch {
      // Nothing is lost but the memory of it.
    }
  }, [theme]);
  return [theme, setTheme];
}

function readTheme(): Theme {
  try {
    const stored = localStorage.getItem(key);
    return stored === "light" || stored === "dark" ? stored : "system";
  } catch {
    return "system";
  }
}
