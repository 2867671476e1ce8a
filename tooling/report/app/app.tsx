import { useEffect, useRef } from "preact/hooks";
import type { ReportData } from "../src/report-data.ts";
import { Navigation } from "./components/navigation.tsx";
import { findPage } from "./pages/pages.ts";
import { useHash } from "./state/use-hash.ts";
import { useVerification } from "./state/use-verification.ts";

/** The report: a list of pages at the side, and the one that the address names. */
export function App({ data }: { data: ReportData }) {
  const [name = "", ...rest] = useHash().split("/");
  const page = findPage(name);
  const [verification, verifyFolder] = useVerification(data);
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = `${page.title} · release ${data.id.slice(0, 12) || "without a plan"}`;
    if (!isFirst.current) main.current?.focus();
    isFirst.current = false;
    scrollTo(0, 0);
  }, [page]);
  const Page = page.component;
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <Navigation data={data} current={page.name} verification={verification} />
      <main id="main" ref={main} tabIndex={-1}>
        <header class="page-head">
          <h1>{page.title}</h1>
          <p>{page.lead}</p>
        </header>
        <Page
          key={page.name}
          data={data}
          verification={verification}
          verifyFolder={verifyFolder}
          rest={rest.join("/")}
        />
      </main>
    </>
  );
}
