import type { ReportData } from "../../src/report-data.ts";
import { pages } from "../pages/pages.ts";
import { type Theme, useTheme } from "../state/theme.ts";
import type { VerificationState } from "../state/use-verification.ts";
import { wordVerification } from "../state/word-verification.ts";
import { Verdict } from "./verdict.tsx";

interface NavigationProps {
  data: ReportData;
  current: string;
  verification: VerificationState;
}

/** The pages, what this browser made of the signatures, and the choice of light and dark. */
export function Navigation({ data, current, verification }: NavigationProps) {
  const [theme, setTheme] = useTheme();
  return (
    <nav aria-label="Pages of the report">
      <div class="brand">
        <strong>Release report</strong>
        <code title={data.id}>{data.id.slice(0, 12) || "no plan"}</code>
      </div>
      <ul>
        {pages.map(({ name, title }) => (
          <li key={name}>
            <a href={`#${name}`} aria-current={name === current ? "page" : undefined}>
              {title}
            </a>
          </li>
        ))}
      </ul>
      <div class="nav-foot">
        <p class="nav-verdict" role="status">
          <span>Signatures in this browser</span>
          <Verdict word={wordVerification(verification)} />
        </p>
        <label>
          <span>Appearance</span>
          <select value={theme} onChange={(event) => setTheme(event.currentTarget.value as Theme)}>
            <option value="system">as the system</option>
            <option value="light">light</option>
            <option value="dark">dark</option>
          </select>
        </label>
      </div>
    </nav>
  );
}
